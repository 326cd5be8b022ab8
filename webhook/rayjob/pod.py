"""The fields of a pod template: what KubeRay v1.7.0's CRD embeds of Kubernetes' PodTemplateSpec.

Source: core/v1 of the Kubernetes API (v1.36's, less what the CRD leaves out), whose names these are; kuberay-rules R149
and its CRD. Every key may be missing and every value may be null: read with ``.get``. The module is longer than others
because it is a table; leaves stand first, so that each name is there when the next one needs it.
"""

from typing import Annotated, TypedDict

from webhook.rayjob.facet import (
    Default,
    Int32,
    Int64,
    IntOrString,
    ListMap,
    ListSet,
    Quantity,
    Required,
    Seconds,
    Seconds64,
    Since,
)


class EmbeddedObjectMeta(TypedDict, total=False):
    """What KubeRay's CRD keeps of the metadata of an object inside the RayJob (R149)."""

    annotations: dict[str, str]
    finalizers: list[str]
    labels: dict[str, str]
    name: str
    namespace: str


class LocalObjectReference(TypedDict, total=False):
    """An object in the same namespace, by name."""

    name: Annotated[str, Default("")]


class TypedLocalObjectReference(TypedDict, total=False):
    """An object of any kind in the same namespace."""

    apiGroup: str
    kind: Annotated[str, Required()]
    name: Annotated[str, Required()]


class TypedObjectReference(TypedDict, total=False):
    """An object of any kind in any namespace."""

    apiGroup: str
    kind: Annotated[str, Required()]
    name: Annotated[str, Required()]
    namespace: str


class LabelSelectorRequirement(TypedDict, total=False):
    """One condition on a label: key, operator, values."""

    key: Annotated[str, Required()]
    operator: Annotated[str, Required()]
    values: list[str]


class LabelSelector(TypedDict, total=False):
    """Which objects, by their labels."""

    matchExpressions: list[LabelSelectorRequirement]
    matchLabels: dict[str, str]


class ConfigMapKeySelector(TypedDict, total=False):
    """A key of a ConfigMap."""

    key: Annotated[str, Required()]
    name: Annotated[str, Default("")]
    optional: bool


class SecretKeySelector(TypedDict, total=False):
    """A key of a Secret."""

    key: Annotated[str, Required()]
    name: Annotated[str, Default("")]
    optional: bool


class FileKeySelector(TypedDict, total=False):
    """A key of an env file on a volume."""

    key: Annotated[str, Required()]
    optional: Annotated[bool, Default(value=False)]
    path: Annotated[str, Required()]
    volumeName: Annotated[str, Required()]


class ObjectFieldSelector(TypedDict, total=False):
    """A field of the pod itself."""

    apiVersion: str
    fieldPath: Annotated[str, Required()]


class ResourceFieldSelector(TypedDict, total=False):
    """A resource (cpu, memory) of a container of the pod."""

    containerName: str
    divisor: Quantity
    resource: Annotated[str, Required()]


class EnvVarSource(TypedDict, total=False):
    """Where the value of an environment variable comes from."""

    configMapKeyRef: ConfigMapKeySelector
    fieldRef: ObjectFieldSelector
    fileKeyRef: Annotated[FileKeySelector, Since("1.5")]
    resourceFieldRef: ResourceFieldSelector
    secretKeyRef: SecretKeySelector


class EnvVar(TypedDict, total=False):
    """One environment variable."""

    name: Annotated[str, Required()]
    value: str
    valueFrom: EnvVarSource


class ConfigMapEnvSource(TypedDict, total=False):
    """A ConfigMap whose keys become environment variables."""

    name: Annotated[str, Default("")]
    optional: bool


class SecretEnvSource(TypedDict, total=False):
    """A Secret whose keys become environment variables."""

    name: Annotated[str, Default("")]
    optional: bool


class EnvFromSource(TypedDict, total=False):
    """Where a whole set of environment variables comes from."""

    configMapRef: ConfigMapEnvSource
    prefix: str
    secretRef: SecretEnvSource


class HTTPHeader(TypedDict, total=False):
    """One header of a probe's request."""

    name: Annotated[str, Required()]
    value: Annotated[str, Required()]


class ExecAction(TypedDict, total=False):
    """A command that is run in the container."""

    command: list[str]


class HTTPGetAction(TypedDict, total=False):
    """An HTTP GET request to the container."""

    host: str
    httpHeaders: list[HTTPHeader]
    path: str
    port: Annotated[IntOrString, Required()]
    scheme: str


class TCPSocketAction(TypedDict, total=False):
    """A TCP connection to the container."""

    host: str
    port: Annotated[IntOrString, Required()]


class GRPCAction(TypedDict, total=False):
    """A gRPC health check of the container."""

    port: Annotated[Int32, Required()]
    service: Annotated[str, Default("")]


class SleepAction(TypedDict, total=False):
    """A pause."""

    seconds: Annotated[Seconds64, Required()]


class LifecycleHandler(TypedDict, total=False):
    """What is done after a container's start or before its stop."""

    exec: ExecAction
    httpGet: HTTPGetAction
    sleep: SleepAction
    tcpSocket: TCPSocketAction


class Lifecycle(TypedDict, total=False):
    """A container's hooks."""

    postStart: LifecycleHandler
    preStop: LifecycleHandler
    stopSignal: str


class Probe(TypedDict, total=False):
    """How, and how often, a container is asked for its health."""

    exec: ExecAction
    failureThreshold: Int32
    grpc: GRPCAction
    httpGet: HTTPGetAction
    initialDelaySeconds: Seconds
    periodSeconds: Seconds
    successThreshold: Int32
    tcpSocket: TCPSocketAction
    terminationGracePeriodSeconds: Seconds64
    timeoutSeconds: Seconds


class ContainerPort(TypedDict, total=False):
    """A port that a container listens on."""

    containerPort: Annotated[Int32, Required()]
    hostIP: str
    hostPort: Int32
    name: str
    protocol: Annotated[str, Default("TCP")]


class ContainerResizePolicy(TypedDict, total=False):
    """Whether a resource can change without a restart."""

    resourceName: Annotated[str, Required()]
    restartPolicy: Annotated[str, Required()]


class ContainerRestartRuleOnExitCodes(TypedDict, total=False):
    """The exit codes that a restart rule is about."""

    operator: Annotated[str, Required()]
    values: Annotated[list[Int32], ListSet()]


class ContainerRestartRule(TypedDict, total=False):
    """When a container restarts whatever the pod's policy is."""

    action: Annotated[str, Required()]
    exitCodes: ContainerRestartRuleOnExitCodes


class ResourceClaim(TypedDict, total=False):
    """A claim of the pod that a container uses."""

    name: Annotated[str, Required()]
    request: str


class ResourceRequirements(TypedDict, total=False):
    """What compute a container asks for and may not exceed."""

    claims: Annotated[list[ResourceClaim], ListMap("name")]
    limits: dict[str, Quantity]
    requests: dict[str, Quantity]


class AppArmorProfile(TypedDict, total=False):
    """An AppArmor profile."""

    localhostProfile: str
    type: Annotated[str, Required()]


class SeccompProfile(TypedDict, total=False):
    """A seccomp profile."""

    localhostProfile: str
    type: Annotated[str, Required()]


class SELinuxOptions(TypedDict, total=False):
    """The SELinux context."""

    level: str
    role: str
    type: str
    user: str


class WindowsSecurityContextOptions(TypedDict, total=False):
    """What only Windows knows."""

    gmsaCredentialSpec: str
    gmsaCredentialSpecName: str
    hostProcess: bool
    runAsUserName: str


class Capabilities(TypedDict, total=False):
    """POSIX capabilities to add and to drop."""

    add: list[str]
    drop: list[str]


class SecurityContext(TypedDict, total=False):
    """What a container may do on its node."""

    allowPrivilegeEscalation: bool
    appArmorProfile: AppArmorProfile
    capabilities: Capabilities
    privileged: bool
    procMount: str
    readOnlyRootFilesystem: bool
    runAsGroup: Int64
    runAsNonRoot: bool
    runAsUser: Int64
    seLinuxOptions: SELinuxOptions
    seccompProfile: SeccompProfile
    windowsOptions: WindowsSecurityContextOptions


class VolumeDevice(TypedDict, total=False):
    """A block device in a container."""

    devicePath: Annotated[str, Required()]
    name: Annotated[str, Required()]


class VolumeMount(TypedDict, total=False):
    """A volume in a container's file system."""

    mountPath: Annotated[str, Required()]
    mountPropagation: str
    name: Annotated[str, Required()]
    readOnly: bool
    recursiveReadOnly: str
    subPath: str
    subPathExpr: str


class Container(TypedDict, total=False):
    """One container of a pod."""

    args: list[str]
    command: list[str]
    env: Annotated[list[EnvVar], ListMap("name")]
    envFrom: list[EnvFromSource]
    image: str
    imagePullPolicy: str
    lifecycle: Lifecycle
    livenessProbe: Probe
    name: Annotated[str, Required()]
    ports: Annotated[list[ContainerPort], ListMap("containerPort", "protocol")]
    readinessProbe: Probe
    resizePolicy: list[ContainerResizePolicy]
    resources: ResourceRequirements
    restartPolicy: str
    restartPolicyRules: Annotated[list[ContainerRestartRule], Since("1.5")]
    securityContext: SecurityContext
    startupProbe: Probe
    stdin: bool
    stdinOnce: bool
    terminationMessagePath: str
    terminationMessagePolicy: str
    tty: bool
    volumeDevices: Annotated[list[VolumeDevice], ListMap("devicePath")]
    volumeMounts: Annotated[list[VolumeMount], ListMap("mountPath")]
    workingDir: str


class EphemeralContainer(Container, total=False):
    """A container for debugging: the CRD gives it every field of a container, and the one it looks at."""

    targetContainerName: str


class NodeSelectorRequirement(TypedDict, total=False):
    """One condition on a node's label or field."""

    key: Annotated[str, Required()]
    operator: Annotated[str, Required()]
    values: list[str]


class NodeSelectorTerm(TypedDict, total=False):
    """Conditions on a node, all of which must hold."""

    matchExpressions: list[NodeSelectorRequirement]
    matchFields: list[NodeSelectorRequirement]


class NodeSelector(TypedDict, total=False):
    """Terms, one of which must hold."""

    nodeSelectorTerms: Annotated[list[NodeSelectorTerm], Required()]


class PreferredSchedulingTerm(TypedDict, total=False):
    """A term with its weight."""

    preference: Annotated[NodeSelectorTerm, Required()]
    weight: Annotated[Int32, Required()]


class NodeAffinity(TypedDict, total=False):
    """Which nodes the pod wants."""

    preferredDuringSchedulingIgnoredDuringExecution: list[PreferredSchedulingTerm]
    requiredDuringSchedulingIgnoredDuringExecution: NodeSelector


class PodAffinityTerm(TypedDict, total=False):
    """Other pods, and the topology in which they are near."""

    labelSelector: LabelSelector
    matchLabelKeys: list[str]
    mismatchLabelKeys: list[str]
    namespaceSelector: LabelSelector
    namespaces: list[str]
    topologyKey: Annotated[str, Required()]


class WeightedPodAffinityTerm(TypedDict, total=False):
    """A term with its weight."""

    podAffinityTerm: Annotated[PodAffinityTerm, Required()]
    weight: Annotated[Int32, Required()]


class PodAffinity(TypedDict, total=False):
    """Which pods the pod wants near it."""

    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm]


class PodAntiAffinity(TypedDict, total=False):
    """Which pods the pod wants far from it."""

    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm]
    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm]


class Affinity(TypedDict, total=False):
    """Where the pod wants to run."""

    nodeAffinity: NodeAffinity
    podAffinity: PodAffinity
    podAntiAffinity: PodAntiAffinity


class Toleration(TypedDict, total=False):
    """A taint that the pod bears."""

    effect: str
    key: str
    operator: str
    tolerationSeconds: Seconds64
    value: str


class TopologySpreadConstraint(TypedDict, total=False):
    """How evenly pods are spread over a topology."""

    labelSelector: LabelSelector
    matchLabelKeys: list[str]
    maxSkew: Annotated[Int32, Required()]
    minDomains: Int32
    nodeAffinityPolicy: str
    nodeTaintsPolicy: str
    topologyKey: Annotated[str, Required()]
    whenUnsatisfiable: Annotated[str, Required()]


class PodSchedulingGate(TypedDict, total=False):
    """What must go before the pod is scheduled."""

    name: Annotated[str, Required()]


class PodSchedulingGroup(TypedDict, total=False):
    """The group that the pod is scheduled with."""

    podGroupName: str


class PodReadinessGate(TypedDict, total=False):
    """A condition that counts for the pod's readiness."""

    conditionType: Annotated[str, Required()]


class PodResourceClaim(TypedDict, total=False):
    """A resource claim (dynamic resource allocation) of the pod."""

    name: Annotated[str, Required()]
    resourceClaimName: str
    resourceClaimTemplateName: str


class KeyToPath(TypedDict, total=False):
    """A key that becomes a file."""

    key: Annotated[str, Required()]
    mode: Int32
    path: Annotated[str, Required()]


class DownwardAPIVolumeFile(TypedDict, total=False):
    """A file with a field of the pod."""

    fieldRef: ObjectFieldSelector
    mode: Int32
    path: Annotated[str, Required()]
    resourceFieldRef: ResourceFieldSelector


class ClusterTrustBundleProjection(TypedDict, total=False):
    """Trust bundles as a file."""

    labelSelector: LabelSelector
    name: str
    optional: bool
    path: Annotated[str, Required()]
    signerName: str


class ConfigMapProjection(TypedDict, total=False):
    """A ConfigMap's keys as files."""

    items: list[KeyToPath]
    name: Annotated[str, Default("")]
    optional: bool


class DownwardAPIProjection(TypedDict, total=False):
    """The pod's fields as files."""

    items: list[DownwardAPIVolumeFile]


class PodCertificateProjection(TypedDict, total=False):
    """A certificate of the pod's own, and its key."""

    certificateChainPath: str
    credentialBundlePath: str
    keyPath: str
    keyType: Annotated[str, Required()]
    maxExpirationSeconds: Seconds
    signerName: Annotated[str, Required()]
    userAnnotations: Annotated[dict[str, str], Since("1.6")]


class SecretProjection(TypedDict, total=False):
    """A Secret's keys as files."""

    items: list[KeyToPath]
    name: Annotated[str, Default("")]
    optional: bool


class ServiceAccountTokenProjection(TypedDict, total=False):
    """A token of the pod's service account."""

    audience: str
    expirationSeconds: Seconds64
    path: Annotated[str, Required()]


class VolumeProjection(TypedDict, total=False):
    """One source of a projected volume."""

    clusterTrustBundle: ClusterTrustBundleProjection
    configMap: ConfigMapProjection
    downwardAPI: DownwardAPIProjection
    podCertificate: Annotated[PodCertificateProjection, Since("1.5")]
    secret: SecretProjection
    serviceAccountToken: ServiceAccountTokenProjection


class VolumeResourceRequirements(TypedDict, total=False):
    """How much storage a claim asks for."""

    limits: dict[str, Quantity]
    requests: dict[str, Quantity]


class PersistentVolumeClaimSpec(TypedDict, total=False):
    """What a claim for storage asks for."""

    accessModes: list[str]
    dataSource: TypedLocalObjectReference
    dataSourceRef: TypedObjectReference
    resources: VolumeResourceRequirements
    selector: LabelSelector
    storageClassName: str
    volumeAttributesClassName: str
    volumeMode: str
    volumeName: str


class PersistentVolumeClaimTemplate(TypedDict, total=False):
    """The claim that is made for a pod."""

    metadata: EmbeddedObjectMeta
    spec: Annotated[PersistentVolumeClaimSpec, Required()]


class AWSElasticBlockStoreVolumeSource(TypedDict, total=False):
    """An EBS disk."""

    fsType: str
    partition: Int32
    readOnly: bool
    volumeID: Annotated[str, Required()]


class AzureDiskVolumeSource(TypedDict, total=False):
    """An Azure data disk."""

    cachingMode: str
    diskName: Annotated[str, Required()]
    diskURI: Annotated[str, Required()]
    fsType: Annotated[str, Default("ext4")]
    kind: str
    readOnly: Annotated[bool, Default(value=False)]


class AzureFileVolumeSource(TypedDict, total=False):
    """An Azure file share."""

    readOnly: bool
    secretName: Annotated[str, Required()]
    shareName: Annotated[str, Required()]


class CephFSVolumeSource(TypedDict, total=False):
    """A Ceph file system."""

    monitors: Annotated[list[str], Required()]
    path: str
    readOnly: bool
    secretFile: str
    secretRef: LocalObjectReference
    user: str


class CinderVolumeSource(TypedDict, total=False):
    """An OpenStack disk."""

    fsType: str
    readOnly: bool
    secretRef: LocalObjectReference
    volumeID: Annotated[str, Required()]


class ConfigMapVolumeSource(TypedDict, total=False):
    """A ConfigMap's keys as files."""

    defaultMode: Int32
    items: list[KeyToPath]
    name: Annotated[str, Default("")]
    optional: bool


class CSIVolumeSource(TypedDict, total=False):
    """Storage of a CSI driver, for as long as the pod lives."""

    driver: Annotated[str, Required()]
    fsType: str
    nodePublishSecretRef: LocalObjectReference
    readOnly: bool
    volumeAttributes: dict[str, str]


class DownwardAPIVolumeSource(TypedDict, total=False):
    """The pod's fields as files."""

    defaultMode: Int32
    items: list[DownwardAPIVolumeFile]


class EmptyDirVolumeSource(TypedDict, total=False):
    """An empty directory, for as long as the pod lives."""

    medium: str
    sizeLimit: Quantity


class EphemeralVolumeSource(TypedDict, total=False):
    """A claim, for as long as the pod lives."""

    volumeClaimTemplate: PersistentVolumeClaimTemplate


class FCVolumeSource(TypedDict, total=False):
    """A Fibre Channel disk."""

    fsType: str
    lun: Int32
    readOnly: bool
    targetWWNs: list[str]
    wwids: list[str]


class FlexVolumeSource(TypedDict, total=False):
    """Storage of an exec driver."""

    driver: Annotated[str, Required()]
    fsType: str
    options: dict[str, str]
    readOnly: bool
    secretRef: LocalObjectReference


class FlockerVolumeSource(TypedDict, total=False):
    """A Flocker dataset."""

    datasetName: str
    datasetUUID: str


class GCEPersistentDiskVolumeSource(TypedDict, total=False):
    """A Google Compute Engine disk."""

    fsType: str
    partition: Int32
    pdName: Annotated[str, Required()]
    readOnly: bool


class GitRepoVolumeSource(TypedDict, total=False):
    """A git repository."""

    directory: str
    repository: Annotated[str, Required()]
    revision: str


class GlusterfsVolumeSource(TypedDict, total=False):
    """A Gluster volume."""

    endpoints: Annotated[str, Required()]
    path: Annotated[str, Required()]
    readOnly: bool


class HostPathVolumeSource(TypedDict, total=False):
    """A path of the node."""

    path: Annotated[str, Required()]
    type: str


class ImageVolumeSource(TypedDict, total=False):
    """An OCI artifact as a directory."""

    pullPolicy: str
    reference: str


class ISCSIVolumeSource(TypedDict, total=False):
    """An iSCSI disk."""

    chapAuthDiscovery: bool
    chapAuthSession: bool
    fsType: str
    initiatorName: str
    iqn: Annotated[str, Required()]
    iscsiInterface: Annotated[str, Default("default")]
    lun: Annotated[Int32, Required()]
    portals: list[str]
    readOnly: bool
    secretRef: LocalObjectReference
    targetPortal: Annotated[str, Required()]


class NFSVolumeSource(TypedDict, total=False):
    """An NFS share."""

    path: Annotated[str, Required()]
    readOnly: bool
    server: Annotated[str, Required()]


class PersistentVolumeClaimVolumeSource(TypedDict, total=False):
    """A claim that exists."""

    claimName: Annotated[str, Required()]
    readOnly: bool


class PhotonPersistentDiskVolumeSource(TypedDict, total=False):
    """A Photon disk."""

    fsType: str
    pdID: Annotated[str, Required()]


class PortworxVolumeSource(TypedDict, total=False):
    """A Portworx volume."""

    fsType: str
    readOnly: bool
    volumeID: Annotated[str, Required()]


class ProjectedVolumeSource(TypedDict, total=False):
    """Several sources in one directory."""

    defaultMode: Int32
    sources: list[VolumeProjection]


class QuobyteVolumeSource(TypedDict, total=False):
    """A Quobyte volume."""

    group: str
    readOnly: bool
    registry: Annotated[str, Required()]
    tenant: str
    user: str
    volume: Annotated[str, Required()]


class RBDVolumeSource(TypedDict, total=False):
    """A Ceph block device."""

    fsType: str
    image: Annotated[str, Required()]
    keyring: Annotated[str, Default("/etc/ceph/keyring")]
    monitors: Annotated[list[str], Required()]
    pool: Annotated[str, Default("rbd")]
    readOnly: bool
    secretRef: LocalObjectReference
    user: Annotated[str, Default("admin")]


class ScaleIOVolumeSource(TypedDict, total=False):
    """A ScaleIO volume."""

    fsType: Annotated[str, Default("xfs")]
    gateway: Annotated[str, Required()]
    protectionDomain: str
    readOnly: bool
    secretRef: Annotated[LocalObjectReference, Required()]
    sslEnabled: bool
    storageMode: Annotated[str, Default("ThinProvisioned")]
    storagePool: str
    system: Annotated[str, Required()]
    volumeName: str


class SecretVolumeSource(TypedDict, total=False):
    """A Secret's keys as files."""

    defaultMode: Int32
    items: list[KeyToPath]
    optional: bool
    secretName: str


class StorageOSVolumeSource(TypedDict, total=False):
    """A StorageOS volume."""

    fsType: str
    readOnly: bool
    secretRef: LocalObjectReference
    volumeName: str
    volumeNamespace: str


class VsphereVirtualDiskVolumeSource(TypedDict, total=False):
    """A vSphere disk."""

    fsType: str
    storagePolicyID: str
    storagePolicyName: str
    volumePath: Annotated[str, Required()]


class Volume(TypedDict, total=False):
    """One volume of a pod: a name, and one of the sources."""

    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource
    azureDisk: AzureDiskVolumeSource
    azureFile: AzureFileVolumeSource
    cephfs: CephFSVolumeSource
    cinder: CinderVolumeSource
    configMap: ConfigMapVolumeSource
    csi: CSIVolumeSource
    downwardAPI: DownwardAPIVolumeSource
    emptyDir: EmptyDirVolumeSource
    ephemeral: EphemeralVolumeSource
    fc: FCVolumeSource
    flexVolume: FlexVolumeSource
    flocker: FlockerVolumeSource
    gcePersistentDisk: GCEPersistentDiskVolumeSource
    gitRepo: GitRepoVolumeSource
    glusterfs: GlusterfsVolumeSource
    hostPath: HostPathVolumeSource
    image: ImageVolumeSource
    iscsi: ISCSIVolumeSource
    name: Annotated[str, Required()]
    nfs: NFSVolumeSource
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource
    photonPersistentDisk: PhotonPersistentDiskVolumeSource
    portworxVolume: PortworxVolumeSource
    projected: ProjectedVolumeSource
    quobyte: QuobyteVolumeSource
    rbd: RBDVolumeSource
    scaleIO: ScaleIOVolumeSource
    secret: SecretVolumeSource
    storageos: StorageOSVolumeSource
    vsphereVolume: VsphereVirtualDiskVolumeSource


class PodDNSConfigOption(TypedDict, total=False):
    """One option of the resolver."""

    name: str
    value: str


class PodDNSConfig(TypedDict, total=False):
    """The pod's resolver."""

    nameservers: list[str]
    options: list[PodDNSConfigOption]
    searches: list[str]


class HostAlias(TypedDict, total=False):
    """Names of an IP address in /etc/hosts."""

    hostnames: list[str]
    ip: Annotated[str, Required()]


class PodOS(TypedDict, total=False):
    """The pod's operating system."""

    name: Annotated[str, Required()]


class Sysctl(TypedDict, total=False):
    """A kernel parameter of the pod."""

    name: Annotated[str, Required()]
    value: Annotated[str, Required()]


class PodSecurityContext(TypedDict, total=False):
    """What the pod's containers may do, unless they say so themselves."""

    appArmorProfile: AppArmorProfile
    fsGroup: Int64
    fsGroupChangePolicy: str
    runAsGroup: Int64
    runAsNonRoot: bool
    runAsUser: Int64
    seLinuxChangePolicy: str
    seLinuxOptions: SELinuxOptions
    seccompProfile: SeccompProfile
    supplementalGroups: list[Int64]
    supplementalGroupsPolicy: str
    sysctls: list[Sysctl]
    windowsOptions: WindowsSecurityContextOptions


class PodSpec(TypedDict, total=False):
    """What a pod is made of."""

    activeDeadlineSeconds: Seconds64
    affinity: Affinity
    automountServiceAccountToken: bool
    containers: Annotated[list[Container], Required(), ListMap("name")]
    dnsConfig: PodDNSConfig
    dnsPolicy: str
    enableServiceLinks: bool
    ephemeralContainers: Annotated[list[EphemeralContainer], ListMap("name")]
    hostAliases: Annotated[list[HostAlias], ListMap("ip")]
    hostIPC: bool
    hostNetwork: bool
    hostPID: bool
    hostUsers: bool
    hostname: str
    hostnameOverride: Annotated[str, Since("1.5")]
    imagePullSecrets: Annotated[list[LocalObjectReference], ListMap("name")]
    initContainers: Annotated[list[Container], ListMap("name")]
    nodeName: str
    nodeSelector: dict[str, str]
    os: PodOS
    overhead: dict[str, Quantity]
    preemptionPolicy: str
    priority: Int32
    priorityClassName: str
    readinessGates: list[PodReadinessGate]
    resourceClaims: Annotated[list[PodResourceClaim], ListMap("name")]
    resources: ResourceRequirements
    restartPolicy: str
    runtimeClassName: str
    schedulerName: str
    schedulingGates: Annotated[list[PodSchedulingGate], ListMap("name")]
    schedulingGroup: Annotated[PodSchedulingGroup, Since("1.7")]
    securityContext: PodSecurityContext
    serviceAccount: str
    serviceAccountName: str
    setHostnameAsFQDN: bool
    shareProcessNamespace: bool
    subdomain: str
    terminationGracePeriodSeconds: Seconds64
    tolerations: list[Toleration]
    topologySpreadConstraints: Annotated[list[TopologySpreadConstraint], ListMap("topologyKey", "whenUnsatisfiable")]
    volumes: Annotated[list[Volume], ListMap("name")]


class PodTemplateSpec(TypedDict, total=False):
    """A pod to be made."""

    metadata: EmbeddedObjectMeta
    spec: PodSpec
