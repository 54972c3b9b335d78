package main

import (
	"net/url"
	"reflect"
	"strconv"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// One kind that is kept in etcd, in the only version that newest servers serve of it. That version's Go type is the
// internal one too, so nothing needs to be converted.
type kind struct {
	gv           schema.GroupVersion
	resource     string
	singular     string
	object, list runtime.Object
	global       bool // not in a namespace
	short        []string
	scale        bool
	categories   []string
}

var all = []string{"all"}

var kinds = []kind{
	{gv: corev1.SchemeGroupVersion, resource: "namespaces", singular: "namespace", object: &corev1.Namespace{}, list: &corev1.NamespaceList{}, global: true, short: []string{"ns"}},
	{gv: corev1.SchemeGroupVersion, resource: "nodes", singular: "node", object: &corev1.Node{}, list: &corev1.NodeList{}, global: true, short: []string{"no"}},
	{gv: corev1.SchemeGroupVersion, resource: "pods", singular: "pod", object: &corev1.Pod{}, list: &corev1.PodList{}, short: []string{"po"}, categories: all},
	{gv: corev1.SchemeGroupVersion, resource: "services", singular: "service", object: &corev1.Service{}, list: &corev1.ServiceList{}, short: []string{"svc"}, categories: all},
	{gv: corev1.SchemeGroupVersion, resource: "endpoints", singular: "endpoints", object: &corev1.Endpoints{}, list: &corev1.EndpointsList{}, short: []string{"ep"}},
	{gv: corev1.SchemeGroupVersion, resource: "events", singular: "event", object: &corev1.Event{}, list: &corev1.EventList{}, short: []string{"ev"}},
	{gv: corev1.SchemeGroupVersion, resource: "configmaps", singular: "configmap", object: &corev1.ConfigMap{}, list: &corev1.ConfigMapList{}, short: []string{"cm"}},
	{gv: corev1.SchemeGroupVersion, resource: "secrets", singular: "secret", object: &corev1.Secret{}, list: &corev1.SecretList{}},
	{gv: corev1.SchemeGroupVersion, resource: "serviceaccounts", singular: "serviceaccount", object: &corev1.ServiceAccount{}, list: &corev1.ServiceAccountList{}, short: []string{"sa"}},
	{gv: corev1.SchemeGroupVersion, resource: "replicationcontrollers", singular: "replicationcontroller", object: &corev1.ReplicationController{}, list: &corev1.ReplicationControllerList{}, short: []string{"rc"}},
	{gv: corev1.SchemeGroupVersion, resource: "persistentvolumes", singular: "persistentvolume", object: &corev1.PersistentVolume{}, list: &corev1.PersistentVolumeList{}, global: true},
	{gv: corev1.SchemeGroupVersion, resource: "persistentvolumeclaims", singular: "persistentvolumeclaim", object: &corev1.PersistentVolumeClaim{}, list: &corev1.PersistentVolumeClaimList{}},
	{gv: corev1.SchemeGroupVersion, resource: "resourcequotas", singular: "resourcequota", object: &corev1.ResourceQuota{}, list: &corev1.ResourceQuotaList{}},
	{gv: corev1.SchemeGroupVersion, resource: "limitranges", singular: "limitrange", object: &corev1.LimitRange{}, list: &corev1.LimitRangeList{}},
	{gv: corev1.SchemeGroupVersion, resource: "podtemplates", singular: "podtemplate", object: &corev1.PodTemplate{}, list: &corev1.PodTemplateList{}},
	{gv: appsv1.SchemeGroupVersion, resource: "deployments", singular: "deployment", object: &appsv1.Deployment{}, list: &appsv1.DeploymentList{}, short: []string{"deploy"}, scale: true, categories: all},
	{gv: appsv1.SchemeGroupVersion, resource: "replicasets", singular: "replicaset", object: &appsv1.ReplicaSet{}, list: &appsv1.ReplicaSetList{}, short: []string{"rs"}, scale: true, categories: all},
	{gv: appsv1.SchemeGroupVersion, resource: "statefulsets", singular: "statefulset", object: &appsv1.StatefulSet{}, list: &appsv1.StatefulSetList{}, short: []string{"sts"}, scale: true, categories: all},
	{gv: appsv1.SchemeGroupVersion, resource: "daemonsets", singular: "daemonset", object: &appsv1.DaemonSet{}, list: &appsv1.DaemonSetList{}, short: []string{"ds"}, categories: all},
	{gv: appsv1.SchemeGroupVersion, resource: "controllerrevisions", singular: "controllerrevision", object: &appsv1.ControllerRevision{}, list: &appsv1.ControllerRevisionList{}},
	{gv: batchv1.SchemeGroupVersion, resource: "jobs", singular: "job", object: &batchv1.Job{}, list: &batchv1.JobList{}},
	{gv: batchv1.SchemeGroupVersion, resource: "cronjobs", singular: "cronjob", object: &batchv1.CronJob{}, list: &batchv1.CronJobList{}},
	{gv: autoscalingv2.SchemeGroupVersion, resource: "horizontalpodautoscalers", singular: "horizontalpodautoscaler", object: &autoscalingv2.HorizontalPodAutoscaler{}, list: &autoscalingv2.HorizontalPodAutoscalerList{}, short: []string{"hpa"}, categories: all},
	{gv: discoveryv1.SchemeGroupVersion, resource: "endpointslices", singular: "endpointslice", object: &discoveryv1.EndpointSlice{}, list: &discoveryv1.EndpointSliceList{}},
	{gv: coordinationv1.SchemeGroupVersion, resource: "leases", singular: "lease", object: &coordinationv1.Lease{}, list: &coordinationv1.LeaseList{}},
	{gv: networkingv1.SchemeGroupVersion, resource: "ingresses", singular: "ingress", object: &networkingv1.Ingress{}, list: &networkingv1.IngressList{}, short: []string{"ing"}},
	{gv: networkingv1.SchemeGroupVersion, resource: "networkpolicies", singular: "networkpolicy", object: &networkingv1.NetworkPolicy{}, list: &networkingv1.NetworkPolicyList{}},
	{gv: policyv1.SchemeGroupVersion, resource: "poddisruptionbudgets", singular: "poddisruptionbudget", object: &policyv1.PodDisruptionBudget{}, list: &policyv1.PodDisruptionBudgetList{}, short: []string{"pdb"}},
	{gv: rbacv1.SchemeGroupVersion, resource: "roles", singular: "role", object: &rbacv1.Role{}, list: &rbacv1.RoleList{}},
	{gv: rbacv1.SchemeGroupVersion, resource: "rolebindings", singular: "rolebinding", object: &rbacv1.RoleBinding{}, list: &rbacv1.RoleBindingList{}},
	{gv: rbacv1.SchemeGroupVersion, resource: "clusterroles", singular: "clusterrole", object: &rbacv1.ClusterRole{}, list: &rbacv1.ClusterRoleList{}, global: true},
	{gv: rbacv1.SchemeGroupVersion, resource: "clusterrolebindings", singular: "clusterrolebinding", object: &rbacv1.ClusterRoleBinding{}, list: &rbacv1.ClusterRoleBindingList{}, global: true},
	{gv: schedulingv1.SchemeGroupVersion, resource: "priorityclasses", singular: "priorityclass", object: &schedulingv1.PriorityClass{}, list: &schedulingv1.PriorityClassList{}, global: true},
	{gv: storagev1.SchemeGroupVersion, resource: "storageclasses", singular: "storageclass", object: &storagev1.StorageClass{}, list: &storagev1.StorageClassList{}, global: true},
	{gv: admissionregistrationv1.SchemeGroupVersion, resource: "validatingwebhookconfigurations", singular: "validatingwebhookconfiguration", object: &admissionregistrationv1.ValidatingWebhookConfiguration{}, list: &admissionregistrationv1.ValidatingWebhookConfigurationList{}, global: true},
	{gv: admissionregistrationv1.SchemeGroupVersion, resource: "mutatingwebhookconfigurations", singular: "mutatingwebhookconfiguration", object: &admissionregistrationv1.MutatingWebhookConfiguration{}, list: &admissionregistrationv1.MutatingWebhookConfigurationList{}, global: true},
}

// Kinds that are asked or told, but not kept.
var passing = map[schema.GroupVersion][]runtime.Object{
	corev1.SchemeGroupVersion:           {&corev1.Binding{}, &corev1.PodLogOptions{}},
	autoscalingv1.SchemeGroupVersion:    {&autoscalingv1.Scale{}},
	policyv1.SchemeGroupVersion:         {&policyv1.Eviction{}},
	authenticationv1.SchemeGroupVersion: {&authenticationv1.TokenRequest{}, &authenticationv1.SelfSubjectReview{}},
	authorizationv1.SchemeGroupVersion:  {&authorizationv1.SelfSubjectAccessReview{}, &authorizationv1.SubjectAccessReview{}},
}

var (
	scheme         = runtime.NewScheme()
	codecs         = serializer.NewCodecFactory(scheme)
	parameterCodec = runtime.NewParameterCodec(scheme)
)

func internal(group string) schema.GroupVersion {
	return schema.GroupVersion{Group: group, Version: runtime.APIVersionInternal}
}

// Field labels that clients select by, besides name and namespace.
var selectable = map[string]func(runtime.Object) fields.Set{
	"pods": func(o runtime.Object) fields.Set {
		p := o.(*corev1.Pod)
		return fields.Set{"spec.nodeName": p.Spec.NodeName, "status.phase": string(p.Status.Phase), "spec.restartPolicy": string(p.Spec.RestartPolicy)}
	},
	"nodes": func(o runtime.Object) fields.Set {
		return fields.Set{"spec.unschedulable": strconv.FormatBool(o.(*corev1.Node).Spec.Unschedulable)}
	},
	"secrets": func(o runtime.Object) fields.Set { return fields.Set{"type": string(o.(*corev1.Secret).Type)} },
	"namespaces": func(o runtime.Object) fields.Set {
		return fields.Set{"status.phase": string(o.(*corev1.Namespace).Status.Phase)}
	},
	"replicasets": func(o runtime.Object) fields.Set {
		return fields.Set{"status.replicas": strconv.Itoa(int(o.(*appsv1.ReplicaSet).Status.Replicas))}
	},
	"jobs": func(o runtime.Object) fields.Set {
		return fields.Set{"status.successful": strconv.Itoa(int(o.(*batchv1.Job).Status.Succeeded))}
	},
	"events": func(o runtime.Object) fields.Set {
		e := o.(*corev1.Event)
		return fields.Set{"reason": e.Reason, "type": e.Type, "source": e.Source.Component, "reportingComponent": e.ReportingController,
			"involvedObject.kind": e.InvolvedObject.Kind, "involvedObject.namespace": e.InvolvedObject.Namespace,
			"involvedObject.name": e.InvolvedObject.Name, "involvedObject.uid": string(e.InvolvedObject.UID)}
	},
}

func init() {
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	scheme.AddUnversionedTypes(schema.GroupVersion{Version: "v1"}, &metav1.Status{}, &metav1.APIVersions{}, &metav1.APIGroupList{}, &metav1.APIGroup{}, &metav1.APIResourceList{})
	seen := map[schema.GroupVersion]bool{}
	register := func(gv schema.GroupVersion, objects ...runtime.Object) {
		scheme.AddKnownTypes(gv, objects...)
		scheme.AddKnownTypes(internal(gv.Group), objects...)
		if !seen[gv] {
			metav1.AddToGroupVersion(scheme, gv)
			seen[gv] = true
		}
	}
	for _, k := range kinds {
		register(k.gv, k.object, k.list)
		if more := selectable[k.resource]; more != nil {
			known := more(reflect.New(reflect.TypeOf(k.object).Elem()).Interface().(runtime.Object))
			gvk := k.gv.WithKind(reflect.TypeOf(k.object).Elem().Name())
			utilruntime.Must(scheme.AddFieldLabelConversionFunc(gvk, func(label, value string) (string, string, error) {
				if _, ok := known[label]; ok {
					return label, value, nil
				}
				return runtime.DefaultMetaV1FieldSelectorConversion(label, value)
			}))
		}
	}
	for gv, objects := range passing {
		register(gv, objects...)
	}
	// Events are one thing with two faces.
	scheme.AddKnownTypes(internal("events.k8s.io"), &corev1.Event{}, &corev1.EventList{})
	scheme.AddKnownTypes(eventsv1.SchemeGroupVersion, &eventsv1.Event{}, &eventsv1.EventList{})
	metav1.AddToGroupVersion(scheme, eventsv1.SchemeGroupVersion)
	utilruntime.Must(scheme.AddConversionFunc((*corev1.Event)(nil), (*eventsv1.Event)(nil), func(a, b interface{}, _ conversion.Scope) error {
		toEventsV1(a.(*corev1.Event), b.(*eventsv1.Event))
		return nil
	}))
	utilruntime.Must(scheme.AddConversionFunc((*eventsv1.Event)(nil), (*corev1.Event)(nil), func(a, b interface{}, _ conversion.Scope) error {
		toCoreEvent(a.(*eventsv1.Event), b.(*corev1.Event))
		return nil
	}))
	utilruntime.Must(scheme.AddConversionFunc((*corev1.EventList)(nil), (*eventsv1.EventList)(nil), func(a, b interface{}, _ conversion.Scope) error {
		from, to := a.(*corev1.EventList), b.(*eventsv1.EventList)
		to.ListMeta, to.Items = from.ListMeta, make([]eventsv1.Event, len(from.Items))
		for i := range from.Items {
			toEventsV1(&from.Items[i], &to.Items[i])
		}
		return nil
	}))
	// Autoscalers are kept as v2, and v1 is still served.
	scheme.AddKnownTypes(autoscalingv1.SchemeGroupVersion, &autoscalingv1.HorizontalPodAutoscaler{}, &autoscalingv1.HorizontalPodAutoscalerList{})
	utilruntime.Must(scheme.AddConversionFunc((*autoscalingv2.HorizontalPodAutoscaler)(nil), (*autoscalingv1.HorizontalPodAutoscaler)(nil), func(a, b interface{}, _ conversion.Scope) error {
		toScalerV1(a.(*autoscalingv2.HorizontalPodAutoscaler), b.(*autoscalingv1.HorizontalPodAutoscaler))
		return nil
	}))
	utilruntime.Must(scheme.AddConversionFunc((*autoscalingv1.HorizontalPodAutoscaler)(nil), (*autoscalingv2.HorizontalPodAutoscaler)(nil), func(a, b interface{}, _ conversion.Scope) error {
		toScalerV2(a.(*autoscalingv1.HorizontalPodAutoscaler), b.(*autoscalingv2.HorizontalPodAutoscaler))
		return nil
	}))
	utilruntime.Must(scheme.AddConversionFunc((*autoscalingv2.HorizontalPodAutoscalerList)(nil), (*autoscalingv1.HorizontalPodAutoscalerList)(nil), func(a, b interface{}, _ conversion.Scope) error {
		from, to := a.(*autoscalingv2.HorizontalPodAutoscalerList), b.(*autoscalingv1.HorizontalPodAutoscalerList)
		to.ListMeta, to.Items = from.ListMeta, make([]autoscalingv1.HorizontalPodAutoscaler, len(from.Items))
		for i := range from.Items {
			toScalerV1(&from.Items[i], &to.Items[i])
		}
		return nil
	}))
	utilruntime.Must(scheme.AddFieldLabelConversionFunc(eventsv1.SchemeGroupVersion.WithKind("Event"), func(label, value string) (string, string, error) {
		switch label {
		case "reason", "type", "reportingController":
			return label, value, nil
		case "regarding.kind", "regarding.name", "regarding.namespace", "regarding.uid":
			return "involvedObject" + label[len("regarding"):], value, nil
		}
		return runtime.DefaultMetaV1FieldSelectorConversion(label, value)
	}))
	utilruntime.Must(scheme.AddConversionFunc((*url.Values)(nil), (*corev1.PodLogOptions)(nil), func(a, b interface{}, _ conversion.Scope) error {
		return readLogOptions(*a.(*url.Values), b.(*corev1.PodLogOptions))
	}))
	addDefaults()
}

func toEventsV1(a *corev1.Event, b *eventsv1.Event) {
	b.ObjectMeta, b.EventTime = a.ObjectMeta, a.EventTime
	b.ReportingController, b.ReportingInstance, b.Action, b.Reason = a.ReportingController, a.ReportingInstance, a.Action, a.Reason
	b.Regarding, b.Related, b.Note, b.Type = a.InvolvedObject, a.Related, a.Message, a.Type
	b.DeprecatedSource, b.DeprecatedFirstTimestamp, b.DeprecatedLastTimestamp, b.DeprecatedCount = a.Source, a.FirstTimestamp, a.LastTimestamp, a.Count
	if a.Series != nil {
		b.Series = &eventsv1.EventSeries{Count: a.Series.Count, LastObservedTime: a.Series.LastObservedTime}
	}
}

func toCoreEvent(a *eventsv1.Event, b *corev1.Event) {
	b.ObjectMeta, b.EventTime = a.ObjectMeta, a.EventTime
	b.ReportingController, b.ReportingInstance, b.Action, b.Reason = a.ReportingController, a.ReportingInstance, a.Action, a.Reason
	b.InvolvedObject, b.Related, b.Message, b.Type = a.Regarding, a.Related, a.Note, a.Type
	b.Source, b.FirstTimestamp, b.LastTimestamp, b.Count = a.DeprecatedSource, a.DeprecatedFirstTimestamp, a.DeprecatedLastTimestamp, a.DeprecatedCount
	if a.Series != nil {
		b.Series = &corev1.EventSeries{Count: a.Series.Count, LastObservedTime: a.Series.LastObservedTime}
	}
}

func toScalerV1(a *autoscalingv2.HorizontalPodAutoscaler, b *autoscalingv1.HorizontalPodAutoscaler) {
	b.ObjectMeta = a.ObjectMeta
	b.Spec = autoscalingv1.HorizontalPodAutoscalerSpec{MinReplicas: a.Spec.MinReplicas, MaxReplicas: a.Spec.MaxReplicas,
		ScaleTargetRef: autoscalingv1.CrossVersionObjectReference(a.Spec.ScaleTargetRef)}
	for _, metric := range a.Spec.Metrics {
		if metric.Resource != nil && metric.Resource.Name == corev1.ResourceCPU {
			b.Spec.TargetCPUUtilizationPercentage = metric.Resource.Target.AverageUtilization
		}
	}
	b.Status = autoscalingv1.HorizontalPodAutoscalerStatus{ObservedGeneration: a.Status.ObservedGeneration, LastScaleTime: a.Status.LastScaleTime,
		CurrentReplicas: a.Status.CurrentReplicas, DesiredReplicas: a.Status.DesiredReplicas}
}

func toScalerV2(a *autoscalingv1.HorizontalPodAutoscaler, b *autoscalingv2.HorizontalPodAutoscaler) {
	b.ObjectMeta = a.ObjectMeta
	b.Spec = autoscalingv2.HorizontalPodAutoscalerSpec{MinReplicas: a.Spec.MinReplicas, MaxReplicas: a.Spec.MaxReplicas,
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference(a.Spec.ScaleTargetRef)}
	if percent := a.Spec.TargetCPUUtilizationPercentage; percent != nil {
		b.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
			Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: percent}}}}
	}
	b.Status = autoscalingv2.HorizontalPodAutoscalerStatus{ObservedGeneration: a.Status.ObservedGeneration, LastScaleTime: a.Status.LastScaleTime,
		CurrentReplicas: a.Status.CurrentReplicas, DesiredReplicas: a.Status.DesiredReplicas}
}

func readLogOptions(from url.Values, to *corev1.PodLogOptions) error {
	flag := func(name string) bool { return from.Get(name) == "true" || from.Get(name) == "1" }
	number := func(name string) *int64 {
		if n, err := strconv.ParseInt(from.Get(name), 10, 64); err == nil {
			return &n
		}
		return nil
	}
	to.Container, to.Follow, to.Previous, to.Timestamps = from.Get("container"), flag("follow"), flag("previous"), flag("timestamps")
	to.TailLines, to.SinceSeconds, to.LimitBytes = number("tailLines"), number("sinceSeconds"), number("limitBytes")
	if text := from.Get("sinceTime"); text != "" {
		var t metav1.Time
		if err := t.UnmarshalQueryParameter(text); err != nil {
			return err
		}
		to.SinceTime = &t
	}
	return nil
}
