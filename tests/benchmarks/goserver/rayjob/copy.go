package rayjob

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
)

// DeepCopyObject is what controller-runtime takes to tell what a defaulter changed.
func (in *RayJob) DeepCopyObject() runtime.Object {
	out := new(RayJob)
	in.DeepCopyInto(out)
	return out
}

// DeepCopyInto copies a RayJob with all that it points to.
func (in *RayJob) DeepCopyInto(out *RayJob) {
	*out = *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	in.Spec.DeepCopyInto(&out.Spec)
	in.Status.DeepCopyInto(&out.Status)
}

// DeepCopyInto copies a spec.
func (in *JobSpec) DeepCopyInto(out *JobSpec) {
	*out = *in
	out.ActiveDeadlineSeconds = value(in.ActiveDeadlineSeconds)
	out.BackoffLimit = value(in.BackoffLimit)
	out.PreRunningDeadlineSeconds = value(in.PreRunningDeadlineSeconds)
	out.RayClusterSpec = object(in.RayClusterSpec)
	out.SubmitterPodTemplate = object(in.SubmitterPodTemplate)
	if in.SubmitterConfig != nil {
		out.SubmitterConfig = &SubmitterConfig{BackoffLimit: value(in.SubmitterConfig.BackoffLimit)}
	}
	out.DeletionStrategy = object(in.DeletionStrategy)
	out.ManagedBy = value(in.ManagedBy)
	out.Metadata = maps.Clone(in.Metadata)
	out.ClusterSelector = maps.Clone(in.ClusterSelector)
}

// DeepCopyInto copies a strategy.
func (in *DeletionStrategy) DeepCopyInto(out *DeletionStrategy) {
	*out = *in
	if in.OnSuccess != nil {
		out.OnSuccess = &DeletionPolicy{Policy: value(in.OnSuccess.Policy)}
	}
	if in.OnFailure != nil {
		out.OnFailure = &DeletionPolicy{Policy: value(in.OnFailure.Policy)}
	}
	out.DeletionRules = objects(in.DeletionRules)
}

// DeepCopyInto copies a rule.
func (in *DeletionRule) DeepCopyInto(out *DeletionRule) {
	*out = *in
	out.Condition.JobStatus = value(in.Condition.JobStatus)
	out.Condition.JobDeploymentStatus = value(in.Condition.JobDeploymentStatus)
}

// DeepCopyInto copies a status.
func (in *JobStatus) DeepCopyInto(out *JobStatus) {
	*out = *in
	out.StartTime = object(in.StartTime)
	out.EndTime = object(in.EndTime)
	out.JobStatusCheckFailureStartTime = object(in.JobStatusCheckFailureStartTime)
	out.Succeeded = value(in.Succeeded)
	out.Failed = value(in.Failed)
	out.Info = JobInfo{StartTime: object(in.Info.StartTime), EndTime: object(in.Info.EndTime)}
	in.RayClusterStatus.DeepCopyInto(&out.RayClusterStatus)
}

// DeepCopyInto copies a cluster's spec.
func (in *ClusterSpec) DeepCopyInto(out *ClusterSpec) {
	*out = *in
	out.Suspend = value(in.Suspend)
	out.ManagedBy = value(in.ManagedBy)
	out.AutoscalerOptions = object(in.AutoscalerOptions)
	if in.AuthOptions != nil {
		out.AuthOptions = &AuthOptions{
			EnableK8sTokenAuth: value(in.AuthOptions.EnableK8sTokenAuth),
			SecretName:         value(in.AuthOptions.SecretName),
			Mode:               in.AuthOptions.Mode,
		}
	}
	if in.TLSOptions != nil {
		out.TLSOptions = &TLSOptions{Enabled: value(in.TLSOptions.Enabled)}
	}
	out.NetworkPolicy = object(in.NetworkPolicy)
	if in.HistoryServerOptions != nil {
		out.HistoryServerOptions = &HistoryServer{Collector: object(in.HistoryServerOptions.Collector)}
	}
	out.EnableInTreeAutoscaling = value(in.EnableInTreeAutoscaling)
	out.GcsFaultTolerance = object(in.GcsFaultTolerance)
	if in.UpgradeStrategy != nil {
		out.UpgradeStrategy = &UpgradeStrategy{Type: value(in.UpgradeStrategy.Type)}
	}
	out.HeadServiceAnnotations = maps.Clone(in.HeadServiceAnnotations)
	in.HeadGroupSpec.DeepCopyInto(&out.HeadGroupSpec)
	out.WorkerGroupSpecs = objects(in.WorkerGroupSpecs)
}

// DeepCopyInto copies the head group.
func (in *HeadGroup) DeepCopyInto(out *HeadGroup) {
	*out = *in
	out.HeadService = object(in.HeadService)
	out.EnableIngress = value(in.EnableIngress)
	if in.IngressOptions != nil {
		out.IngressOptions = value(in.IngressOptions)
		out.IngressOptions.PathType = value(in.IngressOptions.PathType)
		out.IngressOptions.TLS = objects(in.IngressOptions.TLS)
	}
	out.Resources = maps.Clone(in.Resources)
	out.Labels = maps.Clone(in.Labels)
	out.RayStartParams = maps.Clone(in.RayStartParams)
	in.Template.DeepCopyInto(&out.Template)
}

// DeepCopyInto copies a worker group.
func (in *WorkerGroup) DeepCopyInto(out *WorkerGroup) {
	*out = *in
	out.Suspend = value(in.Suspend)
	out.Replicas = value(in.Replicas)
	out.MinReplicas = value(in.MinReplicas)
	out.MaxReplicas = value(in.MaxReplicas)
	out.IdleTimeoutSeconds = value(in.IdleTimeoutSeconds)
	out.Priority = value(in.Priority)
	out.Resources = maps.Clone(in.Resources)
	out.Labels = maps.Clone(in.Labels)
	out.RayStartParams = maps.Clone(in.RayStartParams)
	out.ScaleStrategy.WorkersToDelete = slices.Clone(in.ScaleStrategy.WorkersToDelete)
	in.Template.DeepCopyInto(&out.Template)
}

// DeepCopyInto copies the autoscaler's options.
func (in *AutoscalerOptions) DeepCopyInto(out *AutoscalerOptions) {
	*out = *in
	out.Resources = object(in.Resources)
	out.Image = value(in.Image)
	out.ImagePullPolicy = value(in.ImagePullPolicy)
	out.SecurityContext = object(in.SecurityContext)
	out.IdleTimeoutSeconds = value(in.IdleTimeoutSeconds)
	out.UpscalingMode = value(in.UpscalingMode)
	out.Version = value(in.Version)
	out.Command = slices.Clone(in.Command)
	out.Args = slices.Clone(in.Args)
	out.Env = objects(in.Env)
	out.EnvFrom = objects(in.EnvFrom)
	out.VolumeMounts = objects(in.VolumeMounts)
}

// DeepCopyInto copies a network policy.
func (in *NetworkPolicy) DeepCopyInto(out *NetworkPolicy) {
	*out = *in
	out.Mode = value(in.Mode)
	out.Head = object(in.Head)
	out.Worker = object(in.Worker)
	out.WorkerGroups = objects(in.WorkerGroups)
}

// DeepCopyInto copies rules.
func (in *NetworkRules) DeepCopyInto(out *NetworkRules) {
	out.IngressRules = objects(in.IngressRules)
	out.EgressRules = objects(in.EgressRules)
}

// DeepCopyInto copies a group's rules.
func (in *GroupNetworkRules) DeepCopyInto(out *GroupNetworkRules) {
	out.GroupName = in.GroupName
	in.NetworkRules.DeepCopyInto(&out.NetworkRules)
}

// DeepCopyInto copies a collector.
func (in *Collector) DeepCopyInto(out *Collector) {
	out.Resources = object(in.Resources)
	out.Image = value(in.Image)
	out.ImagePullPolicy = value(in.ImagePullPolicy)
	out.Env = objects(in.Env)
}

// DeepCopyInto copies the options of fault tolerance.
func (in *GcsFaultTolerance) DeepCopyInto(out *GcsFaultTolerance) {
	*out = *in
	out.RedisUsername = object(in.RedisUsername)
	out.RedisPassword = object(in.RedisPassword)
	out.Storage = object(in.Storage)
}

// DeepCopyInto copies a credential.
func (in *RedisCredential) DeepCopyInto(out *RedisCredential) {
	out.ValueFrom = object(in.ValueFrom)
	out.Value = in.Value
}

// DeepCopyInto copies a storage.
func (in *GcsStorage) DeepCopyInto(out *GcsStorage) {
	*out = *in
	if in.Size != nil {
		size := in.Size.DeepCopy()
		out.Size = &size
	}
	out.StorageClassName = value(in.StorageClassName)
	out.AccessModes = slices.Clone(in.AccessModes)
}

// DeepCopyInto copies a cluster's status.
func (in *ClusterStatus) DeepCopyInto(out *ClusterStatus) {
	*out = *in
	out.LastUpdateTime = object(in.LastUpdateTime)
	out.StateTransitionTimes = maps.Clone(in.StateTransitionTimes)
	for state, at := range out.StateTransitionTimes {
		out.StateTransitionTimes[state] = object(at)
	}
	out.Endpoints = maps.Clone(in.Endpoints)
	out.Conditions = objects(in.Conditions)
	out.DesiredCPU = in.DesiredCPU.DeepCopy()
	out.DesiredMemory = in.DesiredMemory.DeepCopy()
	out.DesiredGPU = in.DesiredGPU.DeepCopy()
	out.DesiredTPU = in.DesiredTPU.DeepCopy()
}

// copier is a pointer to what copies itself with all that it points to.
type copier[T any] interface {
	*T
	DeepCopyInto(*T)
}

// value copies what a pointer to something without pointers points to.
func value[T any](in *T) *T {
	if in == nil {
		return nil
	}
	out := *in
	return &out
}

func object[T any, P copier[T]](in *T) *T {
	if in == nil {
		return nil
	}
	out := new(T)
	P(in).DeepCopyInto(out)
	return out
}

func objects[T any, P copier[T]](in []T) []T {
	if in == nil {
		return nil
	}
	out := make([]T, len(in))
	for i := range in {
		P(&in[i]).DeepCopyInto(&out[i])
	}
	return out
}
