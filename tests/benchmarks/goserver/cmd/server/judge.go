package main

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"rayjob-webhook.test/benchmarks/rayjob"
)

// maxNameLength leaves room for what the operator appends to a RayJob's name.
const maxNameLength = 47

// validator refuses a name that cannot become a Service's, which is all that KubeRay's own webhook looks at.
type validator struct{}

func (validator) ValidateCreate(_ context.Context, job *rayjob.RayJob) (admission.Warnings, error) {
	return nil, judged(job)
}

func (validator) ValidateUpdate(_ context.Context, _, job *rayjob.RayJob) (admission.Warnings, error) {
	return nil, judged(job)
}

func (validator) ValidateDelete(context.Context, *rayjob.RayJob) (admission.Warnings, error) {
	return nil, nil
}

func judged(job *rayjob.RayJob) error {
	var faults field.ErrorList
	path := field.NewPath("metadata").Child("name")
	if len(job.Name) > maxNameLength {
		faults = append(faults, field.Invalid(path, job.Name, fmt.Sprintf("must have no more than %d characters", maxNameLength)))
	}
	for _, fault := range validation.IsDNS1035Label(job.Name) {
		faults = append(faults, field.Invalid(path, job.Name, fault))
	}
	if len(faults) == 0 {
		return nil
	}
	return apierrors.NewInvalid(rayjob.GroupVersion.WithKind("RayJob").GroupKind(), job.Name, faults)
}

const ttlSeconds = 3600

// defaulter fills what webhook/defaults.py fills.
type defaulter struct{}

func (defaulter) Default(_ context.Context, job *rayjob.RayJob) error {
	spec := &job.Spec
	if len(spec.ClusterSelector) > 0 {
		return nil
	}
	if spec.RayClusterSpec != nil {
		head := &spec.RayClusterSpec.HeadGroupSpec
		if head.RayStartParams == nil {
			head.RayStartParams = map[string]string{}
		}
		if _, given := head.RayStartParams["dashboard-host"]; !given {
			head.RayStartParams["dashboard-host"] = "0.0.0.0"
		}
	}
	if spec.DeletionStrategy == nil {
		spec.ShutdownAfterJobFinishes = true
	}
	if spec.ShutdownAfterJobFinishes && spec.TTLSecondsAfterFinished == 0 {
		spec.TTLSecondsAfterFinished = ttlSeconds
	}
	return nil
}
