package rayjob

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// ClusterSpec is the RayCluster to create.
type ClusterSpec struct {
	Suspend                 *bool              `json:"suspend,omitempty"`
	ManagedBy               *string            `json:"managedBy,omitempty"`
	AutoscalerOptions       *AutoscalerOptions `json:"autoscalerOptions,omitempty"`
	AuthOptions             *AuthOptions       `json:"authOptions,omitempty"`
	TLSOptions              *TLSOptions        `json:"tlsOptions,omitempty"`
	NetworkPolicy           *NetworkPolicy     `json:"networkPolicy,omitempty"`
	HistoryServerOptions    *HistoryServer     `json:"historyServerOptions,omitempty"`
	EnableInTreeAutoscaling *bool              `json:"enableInTreeAutoscaling,omitempty"`
	GcsFaultTolerance       *GcsFaultTolerance `json:"gcsFaultToleranceOptions,omitempty"`
	UpgradeStrategy         *UpgradeStrategy   `json:"upgradeStrategy,omitempty"`
	HeadServiceAnnotations  map[string]string  `json:"headServiceAnnotations,omitempty"`
	RayVersion              string             `json:"rayVersion,omitempty"`
	HeadGroupSpec           HeadGroup          `json:"headGroupSpec"`
	WorkerGroupSpecs        []WorkerGroup      `json:"workerGroupSpecs,omitempty"`
}

// HeadGroup is the head pod.
type HeadGroup struct {
	HeadService    *corev1.Service        `json:"headService,omitempty"`
	EnableIngress  *bool                  `json:"enableIngress,omitempty"`
	IngressOptions *IngressOptions        `json:"ingressOptions,omitempty"`
	Resources      map[string]string      `json:"resources,omitempty"`
	Labels         map[string]string      `json:"labels,omitempty"`
	RayStartParams map[string]string      `json:"rayStartParams,omitempty"`
	ServiceType    corev1.ServiceType     `json:"serviceType,omitempty"`
	Template       corev1.PodTemplateSpec `json:"template"`
}

// IngressOptions is the Ingress of the dashboard.
type IngressOptions struct {
	PathType *networkingv1.PathType    `json:"pathType,omitempty"`
	Host     string                    `json:"host,omitempty"`
	Path     string                    `json:"path,omitempty"`
	TLS      []networkingv1.IngressTLS `json:"tls,omitempty"`
}

// WorkerGroup is a group of equal worker pods.
type WorkerGroup struct {
	Suspend            *bool                  `json:"suspend,omitempty"`
	Replicas           *int32                 `json:"replicas,omitempty"`
	MinReplicas        *int32                 `json:"minReplicas"`
	MaxReplicas        *int32                 `json:"maxReplicas"`
	IdleTimeoutSeconds *int32                 `json:"idleTimeoutSeconds,omitempty"`
	Priority           *int32                 `json:"priority,omitempty"`
	Resources          map[string]string      `json:"resources,omitempty"`
	Labels             map[string]string      `json:"labels,omitempty"`
	RayStartParams     map[string]string      `json:"rayStartParams,omitempty"`
	GroupName          string                 `json:"groupName"`
	ScaleStrategy      ScaleStrategy          `json:"scaleStrategy,omitempty"`
	Template           corev1.PodTemplateSpec `json:"template"`
	NumOfHosts         int32                  `json:"numOfHosts,omitempty"`
}

// ScaleStrategy is what the autoscaler asks of the operator.
type ScaleStrategy struct {
	WorkersToDelete []string `json:"workersToDelete,omitempty"`
}

// AutoscalerOptions is the autoscaler's container, and its behaviour.
type AutoscalerOptions struct {
	Resources          *corev1.ResourceRequirements `json:"resources,omitempty"`
	Image              *string                      `json:"image,omitempty"`
	ImagePullPolicy    *corev1.PullPolicy           `json:"imagePullPolicy,omitempty"`
	SecurityContext    *corev1.SecurityContext      `json:"securityContext,omitempty"`
	IdleTimeoutSeconds *int32                       `json:"idleTimeoutSeconds,omitempty"`
	UpscalingMode      *string                      `json:"upscalingMode,omitempty"`
	Version            *string                      `json:"version,omitempty"`
	Command            []string                     `json:"command,omitempty"`
	Args               []string                     `json:"args,omitempty"`
	Env                []corev1.EnvVar              `json:"env,omitempty"`
	EnvFrom            []corev1.EnvFromSource       `json:"envFrom,omitempty"`
	VolumeMounts       []corev1.VolumeMount         `json:"volumeMounts,omitempty"`
}

// AuthOptions is the token authentication of Ray.
type AuthOptions struct {
	EnableK8sTokenAuth *bool   `json:"enableK8sTokenAuth,omitempty"`
	SecretName         *string `json:"secretName,omitempty"`
	Mode               string  `json:"mode,omitempty"`
}

// TLSOptions is mTLS inside the cluster.
type TLSOptions struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// NetworkPolicy is the isolation of the cluster's network.
type NetworkPolicy struct {
	Mode         *string             `json:"mode,omitempty"`
	Head         *NetworkRules       `json:"head,omitempty"`
	Worker       *NetworkRules       `json:"worker,omitempty"`
	WorkerGroups []GroupNetworkRules `json:"workerGroups,omitempty"`
}

// NetworkRules is what is allowed beyond the mode.
type NetworkRules struct {
	IngressRules []networkingv1.NetworkPolicyIngressRule `json:"ingressRules,omitempty"`
	EgressRules  []networkingv1.NetworkPolicyEgressRule  `json:"egressRules,omitempty"`
}

// GroupNetworkRules is what is allowed to one worker group.
type GroupNetworkRules struct {
	GroupName    string `json:"groupName"`
	NetworkRules `json:",inline"`
}

// HistoryServer is what keeps a cluster's logs after its end.
type HistoryServer struct {
	Collector *Collector `json:"collectorOptions,omitempty"`
}

// Collector is the sidecar that sends them there.
type Collector struct {
	Resources       *corev1.ResourceRequirements `json:"resources,omitempty"`
	Image           *string                      `json:"image,omitempty"`
	ImagePullPolicy *corev1.PullPolicy           `json:"imagePullPolicy,omitempty"`
	Env             []corev1.EnvVar              `json:"env,omitempty"`
}

// GcsFaultTolerance is where the head's state survives a restart.
type GcsFaultTolerance struct {
	RedisUsername            *RedisCredential `json:"redisUsername,omitempty"`
	RedisPassword            *RedisCredential `json:"redisPassword,omitempty"`
	Storage                  *GcsStorage      `json:"storage,omitempty"`
	Backend                  string           `json:"backend,omitempty"`
	ExternalStorageNamespace string           `json:"externalStorageNamespace,omitempty"`
	RedisAddress             string           `json:"redisAddress,omitempty"`
}

// RedisCredential is literal, or from a Secret.
type RedisCredential struct {
	ValueFrom *corev1.EnvVarSource `json:"valueFrom,omitempty"`
	Value     string               `json:"value,omitempty"`
}

// GcsStorage is the volume of the embedded backend.
type GcsStorage struct {
	Size             *resource.Quantity                  `json:"size,omitempty"`
	StorageClassName *string                             `json:"storageClassName,omitempty"`
	AccessModes      []corev1.PersistentVolumeAccessMode `json:"accessModes,omitempty"`
	ClaimName        string                              `json:"claimName,omitempty"`
	DeletionPolicy   string                              `json:"deletionPolicy,omitempty"`
	SubPath          string                              `json:"subPath,omitempty"`
}

// UpgradeStrategy is how pods follow a changed spec.
type UpgradeStrategy struct {
	Type *string `json:"type,omitempty"`
}

// ClusterStatus is a copy of the RayCluster's status.
type ClusterStatus struct {
	LastUpdateTime          *metav1.Time            `json:"lastUpdateTime,omitempty"`
	StateTransitionTimes    map[string]*metav1.Time `json:"stateTransitionTimes,omitempty"`
	Endpoints               map[string]string       `json:"endpoints,omitempty"`
	Head                    HeadInfo                `json:"head,omitempty"`
	State                   string                  `json:"state,omitempty"`
	Reason                  string                  `json:"reason,omitempty"`
	Conditions              []metav1.Condition      `json:"conditions,omitempty"`
	DesiredCPU              resource.Quantity       `json:"desiredCPU,omitempty"`
	DesiredMemory           resource.Quantity       `json:"desiredMemory,omitempty"`
	DesiredGPU              resource.Quantity       `json:"desiredGPU,omitempty"`
	DesiredTPU              resource.Quantity       `json:"desiredTPU,omitempty"`
	ReadyWorkerReplicas     int32                   `json:"readyWorkerReplicas,omitempty"`
	AvailableWorkerReplicas int32                   `json:"availableWorkerReplicas,omitempty"`
	DesiredWorkerReplicas   int32                   `json:"desiredWorkerReplicas,omitempty"`
	MinWorkerReplicas       int32                   `json:"minWorkerReplicas,omitempty"`
	MaxWorkerReplicas       int32                   `json:"maxWorkerReplicas,omitempty"`
	ObservedGeneration      int64                   `json:"observedGeneration,omitempty"`
}

// HeadInfo is where the head runs.
type HeadInfo struct {
	PodIP       string `json:"podIP,omitempty"`
	PodName     string `json:"podName,omitempty"`
	ServiceIP   string `json:"serviceIP,omitempty"`
	ServiceName string `json:"serviceName,omitempty"`
}
