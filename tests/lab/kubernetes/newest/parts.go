package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"
	genericrest "k8s.io/apiserver/pkg/registry/generic/rest"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage"
	storeerr "k8s.io/apiserver/pkg/storage/errors"
)

// Subresources, and questions that keep nothing.

type scaleREST struct{ store *store }

func (r *scaleREST) New() runtime.Object { return &autoscalingv1.Scale{} }
func (r *scaleREST) Destroy()            {}
func (r *scaleREST) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind {
	return autoscalingv1.SchemeGroupVersion.WithKind("Scale")
}
func (r *scaleREST) ConvertToTable(ctx context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return rest.NewDefaultTableConvertor(r.store.DefaultQualifiedResource).ConvertToTable(ctx, object, options)
}

func scaleOf(object runtime.Object) *autoscalingv1.Scale {
	meta := object.(metav1.Object)
	scale := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: meta.GetName(), Namespace: meta.GetNamespace(), UID: meta.GetUID(),
		ResourceVersion: meta.GetResourceVersion(), CreationTimestamp: meta.GetCreationTimestamp()}}
	if replicas := part(object, "Spec").FieldByName("Replicas").Interface().(*int32); replicas != nil {
		scale.Spec.Replicas = *replicas
	}
	scale.Status.Replicas = int32(part(object, "Status").FieldByName("Replicas").Int())
	if _, selector := templateOf(object); selector != nil {
		scale.Status.Selector = metav1.FormatLabelSelector(selector)
	}
	return scale
}

func (r *scaleREST) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	object, err := r.store.Get(ctx, name, options)
	if err != nil {
		return nil, err
	}
	return scaleOf(object), nil
}

type scaleInfo struct{ rest.UpdatedObjectInfo }

func (i scaleInfo) UpdatedObject(ctx context.Context, old runtime.Object) (runtime.Object, error) {
	object, err := i.UpdatedObjectInfo.UpdatedObject(ctx, scaleOf(old))
	if err != nil {
		return nil, err
	}
	scale := object.(*autoscalingv1.Scale)
	updated := old.DeepCopyObject()
	part(updated, "Spec").FieldByName("Replicas").Set(reflect.ValueOf(&scale.Spec.Replicas))
	if scale.ResourceVersion != "" {
		updated.(metav1.Object).SetResourceVersion(scale.ResourceVersion)
	}
	return updated, nil
}

func (r *scaleREST) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, create rest.ValidateObjectFunc, update rest.ValidateObjectUpdateFunc, _ bool, options *metav1.UpdateOptions) (runtime.Object, bool, error) {
	asScale := func(ctx context.Context, object, old runtime.Object) error {
		if update == nil {
			return nil
		}
		return update(ctx, scaleOf(object), scaleOf(old))
	}
	object, _, err := r.store.Update(ctx, name, scaleInfo{info}, rest.ValidateAllObjectFunc, asScale, false, options)
	if err != nil {
		return nil, false, err
	}
	return scaleOf(object), false, nil
}

// Namespaces end in two steps: the controller empties them, then lets go through namespaces/finalize.
type namespaceREST struct{ *store }

type sameObject struct{ change func(runtime.Object) }

func (sameObject) Preconditions() *metav1.Preconditions { return nil }
func (s sameObject) UpdatedObject(_ context.Context, old runtime.Object) (runtime.Object, error) {
	object := old.DeepCopyObject()
	s.change(object)
	return object, nil
}

type finalizeStrategy struct{ strategy }

func (finalizeStrategy) PrepareForUpdate(context.Context, runtime.Object, runtime.Object) {}

func (r *namespaceREST) Delete(ctx context.Context, name string, _ rest.ValidateObjectFunc, options *metav1.DeleteOptions) (runtime.Object, bool, error) {
	key, err := r.KeyFunc(ctx, name)
	if err != nil {
		return nil, false, err
	}
	var wanted storage.Preconditions
	if options.Preconditions != nil {
		wanted.UID, wanted.ResourceVersion = options.Preconditions.UID, options.Preconditions.ResourceVersion
	}
	out := r.NewFunc()
	err = r.Storage.GuaranteedUpdate(ctx, key, out, false, &wanted, storage.SimpleUpdate(func(old runtime.Object) (runtime.Object, error) {
		namespace := old.(*corev1.Namespace)
		if namespace.DeletionTimestamp == nil {
			now, none := metav1.Now(), int64(0)
			namespace.DeletionTimestamp, namespace.DeletionGracePeriodSeconds = &now, &none
		}
		namespace.Status.Phase = corev1.NamespaceTerminating
		return namespace, nil
	}), len(options.DryRun) > 0, nil)
	return out, false, storeerr.InterpretDeleteError(err, r.DefaultQualifiedResource, name)
}

type createOnly struct {
	make   func() runtime.Object
	create func(ctx context.Context, name string, object runtime.Object, dryRun bool) (runtime.Object, error)
	gvk    schema.GroupVersionKind
	global bool
}

func (r *createOnly) New() runtime.Object                                          { return r.make() }
func (r *createOnly) Destroy()                                                     {}
func (r *createOnly) NamespaceScoped() bool                                        { return !r.global }
func (r *createOnly) GetSingularName() string                                      { return "" }
func (r *createOnly) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind { return r.gvk }

// createOnly under an object's name: pods/binding, serviceaccounts/token.
type createNamed struct{ createOnly }

func (r *createNamed) Create(ctx context.Context, name string, object runtime.Object, _ rest.ValidateObjectFunc, options *metav1.CreateOptions) (runtime.Object, error) {
	return r.create(ctx, name, object, len(options.DryRun) > 0)
}

type createPlain struct{ createOnly }

func (r *createPlain) Create(ctx context.Context, object runtime.Object, _ rest.ValidateObjectFunc, options *metav1.CreateOptions) (runtime.Object, error) {
	return r.create(ctx, "", object, len(options.DryRun) > 0)
}

func bindingREST(pods *store) rest.Storage {
	free := pods.with(finalizeStrategy{pods.UpdateStrategy.(strategy)})
	return &createNamed{createOnly{gvk: corev1.SchemeGroupVersion.WithKind("Binding"), make: func() runtime.Object { return &corev1.Binding{} },
		create: func(ctx context.Context, name string, object runtime.Object, _ bool) (runtime.Object, error) {
			binding := object.(*corev1.Binding)
			taken := false
			_, _, err := free.Update(ctx, name, sameObject{func(o runtime.Object) {
				pod := o.(*corev1.Pod)
				taken = pod.Spec.NodeName != "" && pod.Spec.NodeName != binding.Target.Name
				if !taken {
					pod.Spec.NodeName = binding.Target.Name
				}
			}}, nil, nil, false, &metav1.UpdateOptions{})
			if err == nil && taken {
				err = errors.NewConflict(corev1.Resource("pods/binding"), name, fmt.Errorf("pod %s is already assigned to a node", name))
			}
			return &metav1.Status{Status: metav1.StatusSuccess}, err
		}}}
}

func tokenREST(accounts, secrets *store, tokens *issued) rest.Storage {
	return &createNamed{createOnly{gvk: authenticationv1.SchemeGroupVersion.WithKind("TokenRequest"), make: func() runtime.Object { return &authenticationv1.TokenRequest{} },
		create: func(ctx context.Context, name string, object runtime.Object, _ bool) (runtime.Object, error) {
			found, err := accounts.Get(ctx, name, &metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			wanted := object.(*authenticationv1.TokenRequest)
			seconds := int64(3600)
			if wanted.Spec.ExpirationSeconds != nil {
				seconds = *wanted.Spec.ExpirationSeconds
			}
			if seconds < 600 {
				return nil, errors.NewBadRequest("spec.expirationSeconds: may not specify a duration less than 10 minutes")
			}
			secret := make([]byte, 24)
			if _, err := rand.Read(secret); err != nil {
				return nil, err
			}
			account := found.(*corev1.ServiceAccount)
			until := time.Now().Add(time.Duration(seconds) * time.Second)
			wanted.Status = authenticationv1.TokenRequestStatus{Token: hex.EncodeToString(secret), ExpirationTimestamp: metav1.NewTime(until)}
			wanted.Spec.ExpirationSeconds = &seconds
			holds := func(context.Context) bool { return true }
			if bound := wanted.Spec.BoundObjectRef; bound != nil && bound.Kind == "Secret" { // it ends with that object
				holds = func(ctx context.Context) bool {
					found, err := secrets.Get(request.WithNamespace(ctx, account.Namespace), bound.Name, &metav1.GetOptions{})
					return err == nil && (bound.UID == "" || found.(*corev1.Secret).UID == bound.UID)
				}
			}
			tokens.add(wanted.Status.Token, until, holds, &user.DefaultInfo{
				Name: "system:serviceaccount:" + account.Namespace + ":" + account.Name, UID: string(account.UID),
				Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + account.Namespace, user.AllAuthenticated}})
			return wanted, nil
		}}}
}

// SelfSubjectAccessReview and SubjectAccessReview.
func reviewREST(authorize authorizer.Authorizer, self bool) rest.Storage {
	answer := func(ctx context.Context, who user.Info, resource *authorizationv1.ResourceAttributes, other *authorizationv1.NonResourceAttributes) authorizationv1.SubjectAccessReviewStatus {
		record := authorizer.AttributesRecord{User: who}
		if resource != nil {
			record.ResourceRequest, record.Verb, record.Namespace, record.APIGroup = true, resource.Verb, resource.Namespace, resource.Group
			record.APIVersion, record.Resource, record.Subresource, record.Name = resource.Version, resource.Resource, resource.Subresource, resource.Name
		} else if other != nil {
			record.Verb, record.Path = other.Verb, other.Path
		}
		decision, reason, err := authorize.Authorize(ctx, record)
		status := authorizationv1.SubjectAccessReviewStatus{Allowed: decision == authorizer.DecisionAllow, Reason: reason}
		if err != nil {
			status.EvaluationError = err.Error()
		}
		return status
	}
	if self {
		return &createPlain{createOnly{global: true, gvk: authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectAccessReview"),
			make: func() runtime.Object { return &authorizationv1.SelfSubjectAccessReview{} },
			create: func(ctx context.Context, _ string, object runtime.Object, _ bool) (runtime.Object, error) {
				review := object.(*authorizationv1.SelfSubjectAccessReview)
				who, _ := request.UserFrom(ctx)
				review.Status = answer(ctx, who, review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes)
				return review, nil
			}}}
	}
	return &createPlain{createOnly{global: true, gvk: authorizationv1.SchemeGroupVersion.WithKind("SubjectAccessReview"),
		make: func() runtime.Object { return &authorizationv1.SubjectAccessReview{} },
		create: func(ctx context.Context, _ string, object runtime.Object, _ bool) (runtime.Object, error) {
			review := object.(*authorizationv1.SubjectAccessReview)
			who := &user.DefaultInfo{Name: review.Spec.User, UID: review.Spec.UID, Groups: review.Spec.Groups}
			review.Status = answer(ctx, who, review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes)
			return review, nil
		}}}
}

func whoAmIREST() rest.Storage {
	return &createPlain{createOnly{global: true, gvk: authenticationv1.SchemeGroupVersion.WithKind("SelfSubjectReview"),
		make: func() runtime.Object { return &authenticationv1.SelfSubjectReview{} },
		create: func(ctx context.Context, _ string, object runtime.Object, _ bool) (runtime.Object, error) {
			who, _ := request.UserFrom(ctx)
			review := object.(*authenticationv1.SelfSubjectReview)
			review.Status.UserInfo = authenticationv1.UserInfo{Username: who.GetName(), UID: who.GetUID(), Groups: who.GetGroups()}
			return review, nil
		}}}
}

// Logs come from the pod's node.
type logREST struct{ pods, nodes *store }

func (r *logREST) New() runtime.Object { return &corev1.Pod{} }
func (r *logREST) Destroy()            {}
func (r *logREST) NewGetOptions() (runtime.Object, bool, string) {
	return &corev1.PodLogOptions{}, false, ""
}
func (r *logREST) ProducesMIMETypes(string) []string        { return []string{"text/plain"} }
func (r *logREST) ProducesObject(string) interface{}        { return "" }
func (r *logREST) OverrideMetricsVerb(string) (verb string) { return "" }
func (r *logREST) Get(ctx context.Context, name string, options runtime.Object) (runtime.Object, error) {
	found, err := r.pods.Get(ctx, name, &metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	pod, wanted := found.(*corev1.Pod), options.(*corev1.PodLogOptions)
	container, names := wanted.Container, ""
	for _, c := range append(append([]corev1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		names += " " + c.Name
		if c.Name == wanted.Container || (wanted.Container == "" && len(pod.Spec.Containers) == 1 && c.Name == pod.Spec.Containers[0].Name) {
			container = c.Name
		}
	}
	if container == "" {
		return nil, errors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: [%s]", name, names[1:]))
	}
	if pod.Spec.NodeName == "" {
		return &genericrest.LocationStreamer{}, nil
	}
	host, err := r.nodes.Get(request.WithNamespace(ctx, ""), pod.Spec.NodeName, &metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	status := host.(*corev1.Node).Status
	if len(status.Addresses) == 0 {
		return nil, errors.NewServiceUnavailable("the node has no address")
	}
	query := url.Values{}
	for name, on := range map[string]bool{"follow": wanted.Follow, "previous": wanted.Previous, "timestamps": wanted.Timestamps} {
		if on {
			query.Set(name, "true")
		}
	}
	for name, number := range map[string]*int64{"tailLines": wanted.TailLines, "sinceSeconds": wanted.SinceSeconds, "limitBytes": wanted.LimitBytes} {
		if number != nil {
			query.Set(name, strconv.FormatInt(*number, 10))
		}
	}
	if wanted.SinceTime != nil {
		query.Set("sinceTime", wanted.SinceTime.Format(time.RFC3339))
	}
	return &genericrest.LocationStreamer{
		Location: &url.URL{Scheme: "https", Host: fmt.Sprintf("%s:%d", status.Addresses[0].Address, status.DaemonEndpoints.KubeletEndpoint.Port),
			Path: fmt.Sprintf("/containerLogs/%s/%s/%s", pod.Namespace, pod.Name, container), RawQuery: query.Encode()},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, ContentType: "text/plain", Flush: wanted.Follow,
		ResponseChecker: genericrest.NewGenericHttpResponseChecker(corev1.Resource("pods/log"), name),
		RedirectChecker: genericrest.PreventRedirects,
	}, nil
}
