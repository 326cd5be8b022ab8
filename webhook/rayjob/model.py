"""The fields of a RayJob (ray.io/v1): what KubeRay v1.7.0's CRD has, and what the RayJob interface has besides.

Source: kuberay-rules A.1 to A.15, R123 to R150, and the CRD; meta/v1, core/v1 and networking/v1 of the Kubernetes API
for what those embed. Every key may be missing and every value may be null: read with ``.get``. The module is longer
than others because it is a table; leaves stand first, so that each name is there when the next one needs it.
"""

from typing import Annotated, Any, Literal, TypedDict

from webhook.rayjob.facet import (
    Default,
    Doc,
    Float32,
    Int32,
    Int64,
    IntOrString,
    ListMap,
    MaxLength,
    Minimum,
    MinItems,
    MinLength,
    Pattern,
    Quantity,
    Required,
    Seconds,
    Seconds64,
    Since,
    Time,
    Until,
)
from webhook.rayjob.pod import (
    EmbeddedObjectMeta,
    EnvFromSource,
    EnvVar,
    EnvVarSource,
    LabelSelector,
    PodTemplateSpec,
    ResourceRequirements,
    SecurityContext,
    VolumeMount,
)

DeletionPolicyType = Literal["DeleteCluster", "DeleteWorkers", "DeleteSelf", "DeleteNone"]
Manager = Literal["ray.io/kuberay-operator", "kueue.x-k8s.io/multikueue"]

QualifiedName = Annotated[
    str,
    Pattern(
        r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
    ),
    MaxLength(316),
]


class ObjectMeta(TypedDict, total=False):
    """The metadata of the RayJob itself (meta/v1), which the API server checks; a CRD says nothing of it."""

    name: Annotated[str, Doc("name of the RayJob, unique in its namespace")]
    generateName: Annotated[str, Doc("prefix of the name that the API server makes up")]
    namespace: Annotated[str, Doc("namespace of the RayJob")]
    labels: dict[str, str]
    annotations: dict[str, str]
    finalizers: list[str]
    uid: str
    resourceVersion: str
    generation: Int64
    creationTimestamp: Time
    deletionTimestamp: Time
    deletionGracePeriodSeconds: Seconds64
    ownerReferences: list[dict[str, Any]]
    managedFields: list[dict[str, Any]]


class DeletionCondition(TypedDict, total=False):
    """When a deletion rule fires: one of the two statuses, and a delay."""

    jobDeploymentStatus: Annotated[
        Literal["Failed"], Since("1.6"), Doc("the RayJob's deployment status that sets the rule off")
    ]
    jobStatus: Annotated[Literal["SUCCEEDED", "FAILED"], Doc("the Ray job's status that sets the rule off")]
    ttlSeconds: Annotated[Seconds, Minimum(0), Default(0), Doc("delay between the status and the deletion")]


class DeletionRule(TypedDict, total=False):
    """What is deleted when."""

    condition: Annotated[DeletionCondition, Required(), Doc("when the rule fires")]
    policy: Annotated[DeletionPolicyType, Required(), Doc("what is deleted")]


class DeletionPolicy(TypedDict, total=False):
    """What is deleted at the end (deprecated form of a rule)."""

    policy: Annotated[DeletionPolicyType, Doc("what is deleted")]


class DeletionStrategy(TypedDict, total=False):
    """What is cleaned up after the end: rules, or the deprecated pair of policies (R6-R25)."""

    deletionRules: Annotated[
        list[DeletionRule], MinItems(1), Doc("rules of deletion; excludes onSuccess and onFailure")
    ]
    onFailure: Annotated[DeletionPolicy, Doc("what is deleted after a failure (deprecated: use deletionRules)")]
    onSuccess: Annotated[DeletionPolicy, Doc("what is deleted after a success (deprecated: use deletionRules)")]


class SubmitterConfig(TypedDict, total=False):
    """How the submitter Job behaves."""

    backoffLimit: Annotated[Int32, Doc("retries of the submitter Job")]


class IngressTLS(TypedDict, total=False):
    """A TLS host of the Ingress, and its Secret."""

    hosts: list[str]
    secretName: str


class IngressOptions(TypedDict, total=False):
    """The Ingress of the dashboard."""

    host: Annotated[str, Doc("host of the Ingress")]
    path: Annotated[str, Doc("path of the Ingress")]
    pathType: Annotated[Literal["Exact", "Prefix", "ImplementationSpecific"], Doc("how the path is compared")]
    tls: Annotated[list[IngressTLS], Doc("TLS of the Ingress")]


class ClientIPConfig(TypedDict, total=False):
    """How long a client keeps its endpoint."""

    timeoutSeconds: Seconds


class SessionAffinityConfig(TypedDict, total=False):
    """How clients keep their endpoint."""

    clientIP: ClientIPConfig


class ServicePort(TypedDict, total=False):
    """A port of a Service."""

    appProtocol: str
    name: str
    nodePort: Int32
    port: Annotated[Int32, Required()]
    protocol: Annotated[str, Default("TCP")]
    targetPort: IntOrString


class ServiceSpec(TypedDict, total=False):
    """What a Service serves."""

    allocateLoadBalancerNodePorts: bool
    clusterIP: str
    clusterIPs: list[str]
    externalIPs: list[str]
    externalName: str
    externalTrafficPolicy: str
    healthCheckNodePort: Int32
    internalTrafficPolicy: str
    ipFamilies: list[str]
    ipFamilyPolicy: str
    loadBalancerClass: str
    loadBalancerIP: str
    loadBalancerSourceRanges: list[str]
    ports: Annotated[list[ServicePort], ListMap("port", "protocol")]
    publishNotReadyAddresses: bool
    selector: dict[str, str]
    sessionAffinity: str
    sessionAffinityConfig: SessionAffinityConfig
    trafficDistribution: str
    type: str


class PortStatus(TypedDict, total=False):
    """The state of a port of a load balancer."""

    error: Annotated[QualifiedName, Required()]
    port: Annotated[Int32, Required()]
    protocol: Annotated[str, Required()]


class LoadBalancerIngress(TypedDict, total=False):
    """Where a load balancer takes traffic."""

    hostname: str
    ip: str
    ipMode: str
    ports: list[PortStatus]


class LoadBalancerStatus(TypedDict, total=False):
    """The state of a load balancer."""

    ingress: list[LoadBalancerIngress]


class Condition(TypedDict, total=False):
    """One observation of an object's state."""

    lastTransitionTime: Annotated[Time, Required()]
    message: Annotated[str, Required(), MaxLength(32768)]
    observedGeneration: Annotated[Int64, Minimum(0)]
    reason: Annotated[
        str, Required(), Pattern(r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"), MinLength(1), MaxLength(1024)
    ]
    status: Annotated[Literal["True", "False", "Unknown"], Required()]
    type: Annotated[QualifiedName, Required()]


class ServiceStatus(TypedDict, total=False):
    """The state of a Service."""

    conditions: Annotated[list[Condition], ListMap("type")]
    loadBalancer: LoadBalancerStatus


class Service(TypedDict, total=False):
    """A Service (core/v1): the head's, where it is the user's own."""

    apiVersion: str
    kind: str
    metadata: EmbeddedObjectMeta
    spec: ServiceSpec
    status: ServiceStatus


class HeadGroupSpec(TypedDict, total=False):
    """The head pod (R34, R36-R40)."""

    enableIngress: Annotated[bool, Doc("makes an Ingress for the dashboard")]
    headService: Annotated[Service, Doc("the head's Service, where KubeRay's own does not do")]
    ingressOptions: Annotated[IngressOptions, Since("1.7"), Doc("settings of the Ingress")]
    labels: Annotated[dict[str, str], Since("1.5"), Doc("Ray node labels of the head, set on its pod as well")]
    rayStartParams: Annotated[dict[str, str], Doc("options of `ray start` on the head, without their dashes")]
    resources: Annotated[dict[str, str], Since("1.5"), Doc("logical resources that Ray schedules on the head")]
    serviceType: Annotated[str, Doc("type of the head's Service")]
    template: Annotated[PodTemplateSpec, Required(), Doc("pod template of the head; the first container runs Ray")]


class ScaleStrategy(TypedDict, total=False):
    """What the autoscaler asks of the operator."""

    workersToDelete: Annotated[list[str], Doc("names of the pods to delete")]


class WorkerGroupSpec(TypedDict, total=False):
    """A group of equal worker pods (R41-R55)."""

    groupName: Annotated[str, Required(), Doc("name of the group, unique in the cluster")]
    idleTimeoutSeconds: Annotated[Seconds, Doc("how long a worker of this group idles before it is removed")]
    labels: Annotated[dict[str, str], Since("1.5"), Doc("Ray node labels of the workers, set on their pods as well")]
    maxReplicas: Annotated[Int32, Required(), Default(2147483647), Doc("most replicas that the autoscaler may ask for")]
    minReplicas: Annotated[Int32, Required(), Default(0), Doc("fewest replicas that the autoscaler may ask for")]
    numOfHosts: Annotated[Int32, Default(1), Doc("pods that make up one replica")]
    priority: Annotated[Int32, Default(0), Since("1.7"), Doc("groups of higher priority are scaled up first")]
    rayStartParams: Annotated[dict[str, str], Doc("options of `ray start` on the workers, without their dashes")]
    replicas: Annotated[Int32, Default(0), Doc("replicas at the start, held between minReplicas and maxReplicas")]
    resources: Annotated[dict[str, str], Since("1.5"), Doc("logical resources that Ray schedules on a worker")]
    scaleStrategy: Annotated[ScaleStrategy, Doc("what the autoscaler wants removed")]
    suspend: Annotated[bool, Doc("suspends the group; the operator's own switch")]
    template: Annotated[PodTemplateSpec, Required(), Doc("pod template of the workers; the first container runs Ray")]


class AutoscalerOptions(TypedDict, total=False):
    """The autoscaler's container, and its behaviour (R74-R80)."""

    args: Annotated[list[str], Since("1.7"), Doc("arguments of the autoscaler's container")]
    command: Annotated[list[str], Since("1.7"), Doc("command of the autoscaler's container")]
    env: Annotated[list[EnvVar], Doc("environment of the autoscaler's container")]
    envFrom: Annotated[list[EnvFromSource], Doc("sources of the autoscaler's environment")]
    idleTimeoutSeconds: Annotated[Seconds, Doc("how long a worker idles before it is removed")]
    image: Annotated[str, Doc("image of the autoscaler's container")]
    imagePullPolicy: Annotated[str, Doc("when that image is pulled")]
    resources: Annotated[ResourceRequirements, Doc("resources of the autoscaler's container")]
    securityContext: Annotated[SecurityContext, Doc("security context of the autoscaler's container")]
    upscalingMode: Annotated[Literal["Default", "Aggressive", "Conservative"], Doc("how eagerly workers are added")]
    version: Annotated[Literal["v1", "v2"], Doc("generation of the autoscaler")]
    volumeMounts: Annotated[list[VolumeMount], Doc("volumes in the autoscaler's container")]


class RedisCredential(TypedDict, total=False):
    """A credential: literal, or from a Secret."""

    value: Annotated[str, Doc("the credential itself")]
    valueFrom: Annotated[EnvVarSource, Doc("where the credential comes from")]


class GcsEmbeddedStorage(TypedDict, total=False):
    """The volume of the rocksdb backend."""

    accessModes: Annotated[list[str], Doc("access modes of the claim")]
    claimName: Annotated[str, Doc("an existing claim to use")]
    deletionPolicy: Annotated[
        Literal["DeleteWithCluster", "Retain"], Doc("what becomes of the claim after the cluster")
    ]
    size: Annotated[Quantity, Doc("size of the claim")]
    storageClassName: Annotated[str, Doc("storage class of the claim")]
    subPath: Annotated[str, Doc("directory on the volume")]


class GcsFaultToleranceOptions(TypedDict, total=False):
    """Where the head's state survives a restart (R56-R71)."""

    backend: Annotated[Literal["redis", "rocksdb"], Since("1.7"), Doc("what keeps the state")]
    externalStorageNamespace: Annotated[str, Doc("prefix of the cluster's keys in Redis")]
    redisAddress: Annotated[str, Doc("address of Redis")]
    redisPassword: Annotated[RedisCredential, Doc("password for Redis")]
    redisUsername: Annotated[RedisCredential, Doc("user name for Redis")]
    storage: Annotated[GcsEmbeddedStorage, Since("1.7"), Doc("volume of the rocksdb backend")]


class AuthOptions(TypedDict, total=False):
    """Token authentication of Ray (R96-R101)."""

    enableK8sTokenAuth: Annotated[bool, Since("1.6"), Doc("lets the API server check the tokens")]
    mode: Annotated[Literal["disabled", "token"], Doc("how Ray authenticates; absent is disabled")]
    secretName: Annotated[str, Since("1.6"), Doc("Secret whose key auth_token is the token")]


class NetworkPolicyPort(TypedDict, total=False):
    """Ports of a NetworkPolicy rule."""

    endPort: Int32
    port: IntOrString
    protocol: str


IPBlock = TypedDict("IPBlock", {"cidr": Annotated[str, Required()], "except": list[str]}, total=False)
"""A range of addresses, less some."""


class NetworkPolicyPeer(TypedDict, total=False):
    """Whom a NetworkPolicy rule is about."""

    ipBlock: IPBlock
    namespaceSelector: LabelSelector
    podSelector: LabelSelector


class NetworkPolicyEgressRule(TypedDict, total=False):
    """Whither traffic may go."""

    ports: list[NetworkPolicyPort]
    to: list[NetworkPolicyPeer]


NetworkPolicyIngressRule = TypedDict(
    "NetworkPolicyIngressRule", {"from": list[NetworkPolicyPeer], "ports": list[NetworkPolicyPort]}, total=False
)
"""Whence traffic may come."""


class NetworkPolicyRules(TypedDict, total=False):
    """What is allowed beyond the mode."""

    egressRules: Annotated[list[NetworkPolicyEgressRule], Doc("what may be reached beyond the mode")]
    ingressRules: Annotated[list[NetworkPolicyIngressRule], Doc("who may come in beyond the mode")]


class WorkerGroupNetworkPolicyRules(TypedDict, total=False):
    """What is allowed to one worker group beyond the mode."""

    egressRules: Annotated[list[NetworkPolicyEgressRule], Doc("what may be reached beyond the mode")]
    groupName: Annotated[str, Required(), Doc("the worker group that is meant")]
    ingressRules: Annotated[list[NetworkPolicyIngressRule], Doc("who may come in beyond the mode")]


class NetworkPolicyConfig(TypedDict, total=False):
    """Network isolation of the cluster (R102-R110)."""

    head: Annotated[NetworkPolicyRules, Doc("what the head is allowed beyond the mode")]
    mode: Annotated[Literal["DenyAll", "DenyAllIngress", "DenyAllEgress"], Default("DenyAll"), Doc("what is denied")]
    worker: Annotated[NetworkPolicyRules, Doc("what all workers are allowed beyond the mode")]
    workerGroups: Annotated[
        list[WorkerGroupNetworkPolicyRules],
        ListMap("groupName"),
        Doc("what single worker groups are allowed beyond the mode"),
    ]


class TLSOptions(TypedDict, total=False):
    """mTLS inside the cluster (R111-R117)."""

    enabled: Annotated[bool, Doc("turns mTLS on")]


class CollectorOptions(TypedDict, total=False):
    """The collector's sidecar (R82-R95)."""

    env: Annotated[list[EnvVar], Doc("environment of the collector")]
    image: Annotated[str, Doc("image of the collector")]
    imagePullPolicy: Annotated[str, Doc("when that image is pulled")]
    resources: Annotated[ResourceRequirements, Doc("resources of the collector")]


class HistoryServerOptions(TypedDict, total=False):
    """What keeps a cluster's logs and events after its end (R81-R95)."""

    collectorOptions: Annotated[CollectorOptions, Doc("settings of the collector")]


class UpgradeStrategy(TypedDict, total=False):
    """How pods follow a changed spec (R151)."""

    type: Annotated[Literal["Recreate", "None"], Doc("how pods follow a changed spec")]


class RayClusterSpec(TypedDict, total=False):
    """The RayCluster to create (R35-R117)."""

    authOptions: Annotated[AuthOptions, Since("1.5.1"), Doc("token authentication of Ray")]
    autoscalerOptions: Annotated[AutoscalerOptions, Doc("settings of the autoscaler")]
    enableInTreeAutoscaling: Annotated[bool, Doc("runs the autoscaler beside the head")]
    gcsFaultToleranceOptions: Annotated[GcsFaultToleranceOptions, Doc("keeps the head's state through a restart")]
    headGroupSpec: Annotated[HeadGroupSpec, Required(), Doc("the head pod")]
    headServiceAnnotations: Annotated[dict[str, str], Doc("annotations of the head's Service")]
    historyServerOptions: Annotated[
        HistoryServerOptions, Since("1.7"), Doc("keeps logs and events after the cluster's end")
    ]
    managedBy: Annotated[Manager, Doc("controller of the RayCluster")]
    networkPolicy: Annotated[NetworkPolicyConfig, Since("1.7"), Doc("isolates the cluster's network")]
    rayVersion: Annotated[str, Doc("version of Ray in the images")]
    suspend: Annotated[bool, Doc("suspends the RayCluster; the RayJob's own switch is spec.suspend")]
    tlsOptions: Annotated[TLSOptions, Since("1.7"), Doc("mTLS inside the cluster")]
    upgradeStrategy: Annotated[UpgradeStrategy, Since("1.6"), Doc("how pods follow a changed spec")]
    workerGroupSpecs: Annotated[list[WorkerGroupSpec], Doc("the groups of worker pods")]


class RayJobSpec(TypedDict, total=False):
    """What the user wants."""

    activeDeadlineSeconds: Annotated[Seconds, Doc("time budget of the whole job; it fails beyond")]
    backoffLimit: Annotated[Int32, Default(0), Doc("retries of the whole job, each with a new RayCluster")]
    clusterSelector: Annotated[dict[str, str], Doc("runs the job on the RayCluster named by the key ray.io/cluster")]
    deletionPolicy: Annotated[
        str, Until("1.4"), Doc("what is deleted after the end (KubeRay 1.3 and 1.4; then deletionStrategy)")
    ]
    deletionStrategy: Annotated[DeletionStrategy, Since("1.5"), Doc("what is cleaned up after the end")]
    entrypoint: Annotated[str, Doc("shell command that is the Ray job")]
    entrypointNumCpus: Annotated[Float32, Doc("CPUs reserved for the entrypoint")]
    entrypointNumGpus: Annotated[Float32, Doc("GPUs reserved for the entrypoint")]
    entrypointResources: Annotated[str, Doc("custom resources reserved for the entrypoint, as JSON text")]
    jobId: Annotated[str, Doc("submission id; made from the RayJob's name when absent")]
    managedBy: Annotated[Manager, Doc("controller of the RayJob")]
    metadata: Annotated[dict[str, str], Doc("keys and values that Ray keeps with the job")]
    preRunningDeadlineSeconds: Annotated[
        Seconds, Minimum(1), Since("1.6"), Doc("time budget until the job runs; it fails beyond")
    ]
    rayClusterSpec: Annotated[RayClusterSpec, Doc("the RayCluster to create for the job")]
    runtimeEnv: Annotated[str, Doc("runtime environment as YAML text; older name of runtimeEnvYAML")]
    runtimeEnvYAML: Annotated[str, Doc("runtime environment (pip, working_dir, env_vars, ...) as YAML text")]
    shutdownAfterJobFinishes: Annotated[bool, Doc("deletes the RayCluster when the job ends")]
    submissionMode: Annotated[
        str,
        Default("K8sJobMode"),
        Doc("how the job is submitted: K8sJobMode, HTTPMode, InteractiveMode or SidecarMode"),
    ]
    submitterConfig: Annotated[SubmitterConfig, Doc("settings of the submitter Job")]
    submitterPodTemplate: Annotated[PodTemplateSpec, Doc("pod template of the submitter Job")]
    suspend: Annotated[bool, Doc("holds the job, without a RayCluster, until it is false")]
    ttlSecondsAfterFinished: Annotated[
        Seconds, Default(0), Doc("delay between the job's end and the RayCluster's deletion")
    ]


class HeadInfo(TypedDict, total=False):
    """Where the head runs."""

    podIP: str
    podName: str
    serviceIP: str
    serviceName: str


class RayClusterStatus(TypedDict, total=False):
    """A copy of the RayCluster's status."""

    availableWorkerReplicas: Int32
    conditions: Annotated[list[Condition], ListMap("type")]
    desiredCPU: Quantity
    desiredGPU: Quantity
    desiredMemory: Quantity
    desiredTPU: Quantity
    desiredWorkerReplicas: Int32
    endpoints: dict[str, str]
    head: HeadInfo
    lastUpdateTime: Time
    maxWorkerReplicas: Int32
    minWorkerReplicas: Int32
    observedGeneration: Int64
    readyWorkerReplicas: Int32
    reason: str
    state: str
    stateTransitionTimes: dict[str, Time]


class RayJobStatusInfo(TypedDict, total=False):
    """What Ray says about the job's times."""

    endTime: Annotated[Time, Doc("when Ray ended the job")]
    startTime: Annotated[Time, Doc("when Ray started the job")]


class RayJobStatus(TypedDict, total=False):
    """What the operator reports; never judged when a RayJob is created."""

    dashboardURL: Annotated[str, Doc("host and port of the dashboard")]
    endTime: Annotated[Time, Doc("when the job ended")]
    failed: Annotated[Int32, Default(0), Doc("failed attempts")]
    jobDeploymentStatus: Annotated[str, Doc("where the operator stands with the RayJob")]
    jobId: Annotated[str, Doc("submission id in use")]
    jobStatus: Annotated[str, Doc("where Ray stands with the job")]
    jobStatusCheckFailureStartTime: Annotated[Time, Since("1.7"), Doc("since when Ray cannot be asked for the status")]
    message: Annotated[str, Doc("last message about the job")]
    observedGeneration: Int64
    rayClusterName: Annotated[str, Doc("the RayCluster in use")]
    rayClusterStatus: Annotated[RayClusterStatus, Doc("copy of the RayCluster's status")]
    rayJobInfo: Annotated[RayJobStatusInfo, Doc("times that Ray reports")]
    reason: Annotated[str, Doc("why the job failed")]
    startTime: Annotated[Time, Doc("when the operator took the job up; both deadlines count from here")]
    status: Annotated[str, Doc("Pending, Running, Succeeded or Failed")]
    succeeded: Annotated[Int32, Default(0), Doc("successful attempts")]


class RayJob(TypedDict, total=False):
    """A RayJob (ray.io/v1)."""

    apiVersion: str
    kind: str
    metadata: ObjectMeta
    spec: RayJobSpec
    status: RayJobStatus
