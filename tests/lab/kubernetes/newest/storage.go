package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"reflect"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"
)

// How objects of one kind may change. Of what kube-apiserver does: generations, status apart from the rest, graceful
// deletion, addresses of Services, and the validation that clients meet most; not its full validation.
type strategy struct {
	runtime.ObjectTyper
	names.NameGenerator
	kind     kind
	isStatus bool
}

func (s strategy) NamespaceScoped() bool { return !s.kind.global }
func (s strategy) AllowCreateOnUpdate() bool {
	return s.kind.resource == "leases" || s.kind.resource == "endpoints"
}
func (s strategy) AllowUnconditionalUpdate() bool                            { return true }
func (s strategy) Canonicalize(runtime.Object)                               {}
func (s strategy) WarningsOnCreate(context.Context, runtime.Object) []string { return nil }
func (s strategy) WarningsOnUpdate(context.Context, runtime.Object, runtime.Object) []string {
	return nil
}

func part(object runtime.Object, name string) reflect.Value {
	return reflect.ValueOf(object).Elem().FieldByName(name)
}

func (s strategy) hasGeneration() bool {
	return part(s.kind.object, "Spec").IsValid() && part(s.kind.object, "Status").IsValid()
}

func (s strategy) PrepareForCreate(_ context.Context, object runtime.Object) {
	if status := part(object, "Status"); status.IsValid() && s.kind.resource != "nodes" {
		status.Set(reflect.Zero(status.Type()))
	}
	if s.hasGeneration() {
		object.(metav1.Object).SetGeneration(1)
	}
	switch o := object.(type) {
	case *corev1.Pod:
		o.Status.Phase, o.Status.QOSClass = corev1.PodPending, corev1.PodQOSBestEffort
	case *corev1.Namespace:
		o.Status.Phase, o.Spec.Finalizers = corev1.NamespaceActive, []corev1.FinalizerName{corev1.FinalizerKubernetes}
		if o.Labels == nil {
			o.Labels = map[string]string{}
		}
		o.Labels[corev1.LabelMetadataName] = o.Name
	case *corev1.Secret:
		for key, text := range o.StringData {
			if o.Data == nil {
				o.Data = map[string][]byte{}
			}
			o.Data[key] = []byte(text)
		}
		o.StringData = nil
	case *corev1.Service:
		if o.Spec.ClusterIP == "" && o.Spec.Type != corev1.ServiceTypeExternalName {
			hash := fnv.New32()
			hash.Write([]byte(o.Namespace + "/" + o.Name))
			o.Spec.ClusterIP = fmt.Sprintf("10.96.%d.%d", hash.Sum32()>>8&255, hash.Sum32()&255)
			o.Spec.ClusterIPs = []string{o.Spec.ClusterIP}
		}
	}
}

func (s strategy) PrepareForUpdate(_ context.Context, object, old runtime.Object) {
	now, before := reflect.ValueOf(object).Elem(), reflect.ValueOf(old).Elem()
	changed := false
	for i := 0; i < now.NumField(); i++ {
		switch name := now.Type().Field(i).Name; {
		case name == "TypeMeta" || name == "ObjectMeta":
		case (name == "Status") != s.isStatus && (name == "Status" || s.isStatus):
			now.Field(i).Set(before.Field(i))
		case name != "Status" && !apiequality.Semantic.DeepEqual(now.Field(i).Interface(), before.Field(i).Interface()):
			changed = true
		}
	}
	meta, was := object.(metav1.Object), old.(metav1.Object)
	if s.isStatus {
		meta.SetLabels(was.GetLabels())
	}
	meta.SetGeneration(was.GetGeneration())
	if changed && s.hasGeneration() {
		meta.SetGeneration(was.GetGeneration() + 1)
	}
	if service, ok := object.(*corev1.Service); ok {
		if was := old.(*corev1.Service); service.Spec.ClusterIP == "" {
			service.Spec.ClusterIP, service.Spec.ClusterIPs = was.Spec.ClusterIP, was.Spec.ClusterIPs
		}
	}
	if namespace, ok := object.(*corev1.Namespace); ok && !s.isStatus {
		namespace.Spec.Finalizers = old.(*corev1.Namespace).Spec.Finalizers
	}
}

func (s strategy) Validate(_ context.Context, object runtime.Object) field.ErrorList {
	errors := field.ErrorList{}
	spec := field.NewPath("spec")
	if replicas := part(object, "Spec"); replicas.IsValid() && replicas.Kind() == reflect.Struct {
		if count := replicas.FieldByName("Replicas"); count.IsValid() {
			if n, ok := count.Interface().(*int32); ok && n != nil && *n < 0 {
				errors = append(errors, field.Invalid(spec.Child("replicas"), *n, "must be greater than or equal to 0"))
			}
		}
	}
	template, selector := templateOf(object)
	if template == nil {
		return errors
	}
	if chosen, err := metav1.LabelSelectorAsSelector(selector); err != nil || selector == nil || chosen.Empty() || !chosen.Matches(labels.Set(template.Labels)) {
		errors = append(errors, field.Invalid(spec.Child("template", "metadata", "labels"), template.Labels, "`selector` does not match template `labels`"))
	}
	containers := spec.Child("template", "spec", "containers")
	if len(template.Spec.Containers) == 0 {
		errors = append(errors, field.Required(containers, ""))
	}
	for i, c := range template.Spec.Containers {
		if c.Image == "" {
			errors = append(errors, field.Required(containers.Index(i).Child("image"), ""))
		}
		if c.Name == "" {
			errors = append(errors, field.Required(containers.Index(i).Child("name"), ""))
		}
	}
	return errors
}

func (s strategy) ValidateUpdate(ctx context.Context, object, old runtime.Object) field.ErrorList {
	errors := s.Validate(ctx, object)
	if _, selector := templateOf(object); selector != nil {
		if _, was := templateOf(old); !apiequality.Semantic.DeepEqual(selector, was) {
			errors = append(errors, field.Invalid(field.NewPath("spec", "selector"), selector, "field is immutable"))
		}
	}
	return errors
}

func templateOf(object runtime.Object) (*corev1.PodTemplateSpec, *metav1.LabelSelector) {
	switch o := object.(type) {
	case *appsv1.Deployment:
		return &o.Spec.Template, o.Spec.Selector
	case *appsv1.ReplicaSet:
		return &o.Spec.Template, o.Spec.Selector
	case *appsv1.StatefulSet:
		return &o.Spec.Template, o.Spec.Selector
	case *appsv1.DaemonSet:
		return &o.Spec.Template, o.Spec.Selector
	}
	return nil, nil
}

// Pods are told to stop, and are gone when their node says so.
type podStrategy struct{ strategy }

func (podStrategy) CheckGracefulDelete(_ context.Context, object runtime.Object, options *metav1.DeleteOptions) bool {
	pod := object.(*corev1.Pod)
	period := int64(30)
	if options.GracePeriodSeconds != nil {
		period = *options.GracePeriodSeconds
	} else if pod.Spec.TerminationGracePeriodSeconds != nil {
		period = *pod.Spec.TerminationGracePeriodSeconds
	}
	if pod.Spec.NodeName == "" || pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		period = 0
	}
	options.GracePeriodSeconds = &period
	return true
}

// A Store, and what clients ask of its kind besides.
type store struct {
	*registry.Store
	kind kind
}

func (s *store) ShortNames() []string { return s.kind.short }
func (s *store) Categories() []string { return s.kind.categories }

func newStore(k kind, options generic.RESTOptionsGetter) (*store, error) {
	base := strategy{scheme, names.SimpleNameGenerator, k, false}
	attributes := func(object runtime.Object) (labels.Set, fields.Set, error) {
		meta := object.(metav1.Object)
		set := fields.Set{"metadata.name": meta.GetName()}
		if !k.global {
			set["metadata.namespace"] = meta.GetNamespace()
		}
		if more := selectable[k.resource]; more != nil {
			for name, value := range more(object) {
				set[name] = value
			}
		}
		return labels.Set(meta.GetLabels()), set, nil
	}
	make := func(like runtime.Object) func() runtime.Object {
		return func() runtime.Object { return reflect.New(reflect.TypeOf(like).Elem()).Interface().(runtime.Object) }
	}
	resource := k.gv.WithResource(k.resource).GroupResource()
	s := &registry.Store{
		NewFunc: make(k.object), NewListFunc: make(k.list),
		PredicateFunc: func(label labels.Selector, f fields.Selector) storage.SelectionPredicate {
			return storage.SelectionPredicate{Label: label, Field: f, GetAttrs: attributes}
		},
		DefaultQualifiedResource:  resource,
		SingularQualifiedResource: k.gv.WithResource(k.singular).GroupResource(),
		CreateStrategy:            base, UpdateStrategy: base, DeleteStrategy: base,
		TableConvertor:          rest.NewDefaultTableConvertor(resource),
		EnableGarbageCollection: true,
		DeleteCollectionWorkers: 1,
	}
	switch k.resource {
	case "pods":
		s.DeleteStrategy = podStrategy{base}
	case "namespaces":
		s.ShouldDeleteDuringUpdate = func(_ context.Context, _ string, object, _ runtime.Object) bool {
			namespace := object.(*corev1.Namespace)
			return namespace.DeletionTimestamp != nil && len(namespace.Spec.Finalizers) == 0 && len(namespace.Finalizers) == 0
		}
	}
	err := s.CompleteWithOptions(&generic.StoreOptions{RESTOptions: options, AttrFunc: attributes})
	return &store{s, k}, err
}

// The same objects with another part of them open to change.
func (s *store) with(update rest.RESTUpdateStrategy) *partStore {
	copied := *s.Store
	copied.UpdateStrategy = update
	return &partStore{&copied}
}

type partStore struct{ store *registry.Store }

func (s *partStore) New() runtime.Object { return s.store.New() }
func (s *partStore) Destroy()            {}
func (s *partStore) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	return s.store.Get(ctx, name, options)
}
func (s *partStore) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, create rest.ValidateObjectFunc, update rest.ValidateObjectUpdateFunc, _ bool, options *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return s.store.Update(ctx, name, info, create, update, false, options)
}
func (s *partStore) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return s.store.ConvertToTable(ctx, object, options)
}
