// Package rayjob holds a RayJob as Go structs, about as many and as deep as those of KubeRay's API: what a
// webhook on controller-runtime decodes a review into. The fields are those of webhook/rayjob/model.py.
package rayjob

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	corev1 "k8s.io/api/core/v1"
)

// GroupVersion is the RayJob's API.
var GroupVersion = schema.GroupVersion{Group: "ray.io", Version: "v1"}

// AddToScheme makes a scheme know the RayJob.
func AddToScheme(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(GroupVersion, &RayJob{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
}

// RayJob is a job, and the cluster that it runs on.
type RayJob struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              JobSpec   `json:"spec,omitempty"`
	Status            JobStatus `json:"status,omitempty"`
}

// JobSpec is what the user wants.
type JobSpec struct {
	ActiveDeadlineSeconds     *int32                  `json:"activeDeadlineSeconds,omitempty"`
	BackoffLimit              *int32                  `json:"backoffLimit,omitempty"`
	PreRunningDeadlineSeconds *int32                  `json:"preRunningDeadlineSeconds,omitempty"`
	RayClusterSpec            *ClusterSpec            `json:"rayClusterSpec,omitempty"`
	SubmitterPodTemplate      *corev1.PodTemplateSpec `json:"submitterPodTemplate,omitempty"`
	SubmitterConfig           *SubmitterConfig        `json:"submitterConfig,omitempty"`
	DeletionStrategy          *DeletionStrategy       `json:"deletionStrategy,omitempty"`
	ManagedBy                 *string                 `json:"managedBy,omitempty"`
	Metadata                  map[string]string       `json:"metadata,omitempty"`
	ClusterSelector           map[string]string       `json:"clusterSelector,omitempty"`
	Entrypoint                string                  `json:"entrypoint,omitempty"`
	EntrypointResources       string                  `json:"entrypointResources,omitempty"`
	RuntimeEnvYAML            string                  `json:"runtimeEnvYAML,omitempty"`
	JobID                     string                  `json:"jobId,omitempty"`
	SubmissionMode            string                  `json:"submissionMode,omitempty"`
	EntrypointNumCpus         float32                 `json:"entrypointNumCpus,omitempty"`
	EntrypointNumGpus         float32                 `json:"entrypointNumGpus,omitempty"`
	TTLSecondsAfterFinished   int32                   `json:"ttlSecondsAfterFinished,omitempty"`
	ShutdownAfterJobFinishes  bool                    `json:"shutdownAfterJobFinishes,omitempty"`
	Suspend                   bool                    `json:"suspend,omitempty"`
}

// SubmitterConfig is how the submitter Job behaves.
type SubmitterConfig struct {
	BackoffLimit *int32 `json:"backoffLimit,omitempty"`
}

// DeletionStrategy is what is cleaned up after the end.
type DeletionStrategy struct {
	OnSuccess     *DeletionPolicy `json:"onSuccess,omitempty"`
	OnFailure     *DeletionPolicy `json:"onFailure,omitempty"`
	DeletionRules []DeletionRule  `json:"deletionRules,omitempty"`
}

// DeletionPolicy is what is deleted at the end.
type DeletionPolicy struct {
	Policy *string `json:"policy,omitempty"`
}

// DeletionRule is what is deleted when.
type DeletionRule struct {
	Condition DeletionCondition `json:"condition"`
	Policy    string            `json:"policy"`
}

// DeletionCondition is when a rule fires.
type DeletionCondition struct {
	JobStatus           *string `json:"jobStatus,omitempty"`
	JobDeploymentStatus *string `json:"jobDeploymentStatus,omitempty"`
	TTLSeconds          int32   `json:"ttlSeconds,omitempty"`
}

// JobStatus is what the operator reports.
type JobStatus struct {
	StartTime                      *metav1.Time  `json:"startTime,omitempty"`
	EndTime                        *metav1.Time  `json:"endTime,omitempty"`
	JobStatusCheckFailureStartTime *metav1.Time  `json:"jobStatusCheckFailureStartTime,omitempty"`
	Succeeded                      *int32        `json:"succeeded,omitempty"`
	Failed                         *int32        `json:"failed,omitempty"`
	Info                           JobInfo       `json:"rayJobInfo,omitempty"`
	JobID                          string        `json:"jobId,omitempty"`
	RayClusterName                 string        `json:"rayClusterName,omitempty"`
	DashboardURL                   string        `json:"dashboardURL,omitempty"`
	JobStatus                      string        `json:"jobStatus,omitempty"`
	JobDeploymentStatus            string        `json:"jobDeploymentStatus,omitempty"`
	Reason                         string        `json:"reason,omitempty"`
	Message                        string        `json:"message,omitempty"`
	RayClusterStatus               ClusterStatus `json:"rayClusterStatus,omitempty"`
	ObservedGeneration             int64         `json:"observedGeneration,omitempty"`
}

// JobInfo is what Ray says about the job's times.
type JobInfo struct {
	StartTime *metav1.Time `json:"startTime,omitempty"`
	EndTime   *metav1.Time `json:"endTime,omitempty"`
}
