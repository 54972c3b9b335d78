// An API server of the newest Kubernetes, for tests: Kubernetes' own library of API servers (discovery, lists, watches,
// patches, admission, custom resources, all as kube-apiserver has them) with the kinds that a release console meets.
// Its flags are kube-apiserver's; those that it does not know are ignored.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/spf13/pflag"
	nooptrace "go.opentelemetry.io/otel/trace/noop"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	crdclient "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	crdoptions "k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	extensionsopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/group"
	"k8s.io/apiserver/pkg/authentication/request/anonymous"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/union"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/authentication/token/tokenfile"
	tokenunion "k8s.io/apiserver/pkg/authentication/token/union"
	"k8s.io/apiserver/pkg/endpoints/discovery/aggregated"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	genericfilters "k8s.io/apiserver/pkg/server/filters"
	"k8s.io/apiserver/pkg/server/options"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/util/compatibility"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
	openapicommon "k8s.io/kube-openapi/pkg/common"
	openapiutil "k8s.io/kube-openapi/pkg/util"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

type settings struct {
	clientCA, tokens string
	runtime          map[string]string
	serving          *options.SecureServingOptionsWithLoopback
	etcd             *options.EtcdOptions
	audit            *options.AuditOptions
	admission        *options.AdmissionOptions
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "newest:", err)
		os.Exit(1)
	}
}

func main() {
	s := settings{serving: options.NewSecureServingOptions().WithLoopback(), audit: options.NewAuditOptions(), admission: options.NewAdmissionOptions(),
		etcd: options.NewEtcdOptions(storagebackend.NewDefaultConfig("/registry", nil))}
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ExitOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	showVersion := flags.Bool("version", false, "print the version")
	flags.StringVar(&s.clientCA, "client-ca-file", "", "authority of client certificates")
	flags.StringVar(&s.tokens, "token-auth-file", "", "bearer tokens, as token,user,uid,\"group,...\"")
	flags.StringToStringVar(&s.runtime, "runtime-config", nil, "group/version=false leaves it out")
	s.serving.AddFlags(flags)
	s.etcd.AddFlags(flags)
	s.audit.AddFlags(flags)
	must(flags.Parse(os.Args[1:]))
	if *showVersion {
		fmt.Println("Kubernetes", version.Get().GitVersion)
		return
	}
	must(s.run(genericapiserver.SetupSignalContext()))
}

func (s *settings) serves(gv schema.GroupVersion) bool {
	name := gv.String()
	if gv.Group == "" {
		name = "api/" + gv.Version
	}
	return s.runtime[name] != "false"
}

// What schemas the server publishes: those of custom resources in full, of the rest that they are objects.
func definitions(ref openapicommon.ReferenceCallback) map[string]openapicommon.OpenAPIDefinition {
	all := extensionsopenapi.GetOpenAPIDefinitions(ref)
	for _, t := range scheme.AllKnownTypes() {
		name := openapiutil.GetCanonicalTypeName(reflect.New(t).Interface())
		if _, known := all[name]; !known {
			schema := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}}}
			schema.AddExtension("x-kubernetes-preserve-unknown-fields", true)
			all[name] = openapicommon.OpenAPIDefinition{Schema: schema}
		}
	}
	return all
}

func (s *settings) authentication(into *genericapiserver.AuthenticationInfo, serving *genericapiserver.SecureServingInfo, tokens *issued) error {
	ca, err := dynamiccertificates.NewDynamicCAContentFromFile("client-ca", s.clientCA)
	if err != nil {
		return err
	}
	if err := into.ApplyClientCert(ca, serving); err != nil {
		return err
	}
	file, err := tokenfile.NewCSV(s.tokens)
	if err != nil {
		return err
	}
	bearer := bearertoken.New(tokenunion.New(file, tokens))
	certificate := x509request.NewDynamic(ca.VerifyOptions, x509request.CommonNameUserConversion)
	known := group.NewAuthenticatedGroupAdder(union.New(certificate, bearer))
	into.Authenticator = union.NewFailOnError(known, anonymous.NewAuthenticator(nil))
	into.APIAudiences = authenticator.Audiences{"https://kubernetes.default.svc"}
	return nil
}

func (s *settings) config(codec runtime.Codec, prefix string) (*genericapiserver.RecommendedConfig, error) {
	config := genericapiserver.NewRecommendedConfig(codecs)
	etcd := *s.etcd
	etcd.StorageConfig.Codec, etcd.StorageConfig.Prefix = codec, prefix
	if err := etcd.ApplyTo(&config.Config); err != nil {
		return nil, err
	}
	config.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, openapinamer.NewDefinitionNamer(scheme, extensions.Scheme))
	config.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
	config.LongRunningFunc = genericfilters.BasicLongRunningRequestCheck(sets.NewString("watch", "proxy"), sets.NewString("attach", "exec", "proxy", "log", "portforward"))
	config.MergedResourceConfig = serverstorage.NewResourceConfig()
	config.MergedResourceConfig.EnableVersions(apiextensionsv1.SchemeGroupVersion)
	return config, nil
}

func (s *settings) run(ctx context.Context) error {
	if s.serving.BindAddress == nil {
		s.serving.BindAddress = net.ParseIP("127.0.0.1")
	}
	var versions []schema.GroupVersion
	for _, k := range kinds {
		versions = append(versions, k.gv)
	}
	config, err := s.config(codecs.LegacyCodec(versions...), "/registry")
	if err != nil {
		return err
	}
	if err := s.serving.ApplyTo(&config.SecureServing, &config.LoopbackClientConfig); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config.LoopbackClientConfig)
	if err != nil {
		return err
	}
	dynamicClient, err := dynamic.NewForConfig(config.LoopbackClientConfig)
	if err != nil {
		return err
	}
	config.ClientConfig = config.LoopbackClientConfig
	config.SharedInformerFactory = informers.NewSharedInformerFactory(client, 10*time.Minute)
	tokens := &issued{tokens: map[string]token{}}
	if err := s.authentication(&config.Authentication, config.SecureServing, tokens); err != nil {
		return err
	}
	roles := &rbac{}
	roles.watch(config.SharedInformerFactory)
	config.Authorization.Authorizer = roles
	genericapiserver.AuthorizeClientBearerToken(config.LoopbackClientConfig, &config.Authentication, &config.Authorization)
	if err := s.audit.ApplyTo(&config.Config); err != nil {
		return err
	}
	s.admission.DisablePlugins = []string{"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"}
	if err := s.admission.ApplyTo(&config.Config, config.SharedInformerFactory, client, dynamicClient, utilfeature.DefaultFeatureGate, config.EffectiveVersion); err != nil {
		return err
	}
	config.AggregatedDiscoveryGroupManager = aggregated.NewResourceManager("apis")

	custom, err := s.customResources(config)
	if err != nil {
		return err
	}
	config.BuildHandlerChainFunc = func(handler http.Handler, c *genericapiserver.Config) http.Handler {
		return genericapiserver.DefaultBuildHandlerChain(s.joinSchemas(handler, custom.GenericAPIServer.UnprotectedHandler()), c)
	}
	server, err := config.Complete().New("newest", custom.GenericAPIServer)
	if err != nil {
		return err
	}
	if err := s.install(server, config, tokens); err != nil {
		return err
	}
	server.AddPostStartHookOrDie("newest", func(hook genericapiserver.PostStartHookContext) error {
		return s.begin(hook, server, client)
	})
	return server.PrepareRun().RunWithContext(ctx)
}

func (s *settings) customResources(config *genericapiserver.RecommendedConfig) (*extensions.CustomResourceDefinitions, error) {
	own, err := s.config(extensions.Codecs.LegacyCodec(apiextensionsv1.SchemeGroupVersion), "/registry/apiextensions.k8s.io")
	if err != nil {
		return nil, err
	}
	shared := *config
	shared.RESTOptionsGetter, shared.Serializer, shared.HealthzChecks, shared.LivezChecks, shared.ReadyzChecks = own.RESTOptionsGetter, extensions.Codecs, nil, nil, nil
	shared.PostStartHooks = map[string]genericapiserver.PostStartHookConfigEntry{}
	etcd := *s.etcd
	etcd.StorageConfig.Codec, etcd.StorageConfig.Prefix = extensions.Codecs.LegacyCodec(apiextensionsv1.SchemeGroupVersion), "/registry"
	made := &extensions.Config{GenericConfig: &shared, ExtraConfig: extensions.ExtraConfig{
		CRDRESTOptionsGetter: crdoptions.NewCRDRESTOptionsGetter(etcd, shared.ResourceTransformers, shared.StorageObjectCountTracker),
		MasterCount:          1,
		ServiceResolver:      webhook.NewDefaultServiceResolver(),
		AuthResolverWrapper:  webhook.NewDefaultAuthenticationInfoResolverWrapper(nil, nil, config.LoopbackClientConfig, nooptrace.NewTracerProvider()),
	}}
	return made.Complete().New(genericapiserver.NewEmptyDelegateWithCustomHandler(genericapiserver.NewEmptyDelegate().UnprotectedHandler()))
}

// The schemas of both servers behind one address, as an aggregator has them.
func (s *settings) joinSchemas(own, custom http.Handler) http.Handler {
	served := map[string]bool{"events.k8s.io": true, "authorization.k8s.io": true, "authentication.k8s.io": true}
	for _, k := range kinds {
		served[k.gv.Group] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/openapi/v3/apis/"), "/")
		switch {
		case strings.HasPrefix(r.URL.Path, "/openapi/v3/apis/") && !served[parts[0]]:
			custom.ServeHTTP(w, r)
		case r.URL.Path == "/openapi/v3":
			all := struct {
				Paths map[string]json.RawMessage `json:"paths"`
			}{}
			for _, one := range []http.Handler{custom, own} {
				answer := httptest.NewRecorder()
				one.ServeHTTP(answer, r)
				if err := json.Unmarshal(answer.Body.Bytes(), &all); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(all)
		default:
			own.ServeHTTP(w, r)
		}
	})
}

func (s *settings) install(server *genericapiserver.GenericAPIServer, config *genericapiserver.RecommendedConfig, tokens *issued) error {
	groups := map[schema.GroupVersion]map[string]rest.Storage{}
	stores := map[string]*store{}
	put := func(gv schema.GroupVersion, name string, storage rest.Storage) {
		if groups[gv] == nil {
			groups[gv] = map[string]rest.Storage{}
		}
		groups[gv][name] = storage
	}
	for _, k := range kinds {
		made, err := newStore(k, config.RESTOptionsGetter)
		if err != nil {
			return err
		}
		stores[k.resource] = made
		if !s.serves(k.gv) {
			continue
		}
		put(k.gv, k.resource, made)
		if k.resource == "namespaces" {
			put(k.gv, k.resource, &namespaceREST{made})
			put(k.gv, "namespaces/finalize", made.with(finalizeStrategy{made.UpdateStrategy.(strategy)}))
		}
		if part(k.object, "Status").IsValid() {
			base := made.UpdateStrategy.(strategy)
			base.isStatus = true
			put(k.gv, k.resource+"/status", made.with(base))
		}
		if k.scale {
			put(k.gv, k.resource+"/scale", &scaleREST{made})
		}
	}
	core := corev1.SchemeGroupVersion
	put(core, "pods/binding", bindingREST(stores["pods"]))
	put(core, "pods/log", &logREST{stores["pods"], stores["nodes"]})
	put(core, "serviceaccounts/token", tokenREST(stores["serviceaccounts"], stores["secrets"], tokens))
	if s.serves(eventsv1.SchemeGroupVersion) {
		put(eventsv1.SchemeGroupVersion, "events", stores["events"])
	}
	review := schema.GroupVersion{Group: "authorization.k8s.io", Version: "v1"}
	put(review, "selfsubjectaccessreviews", reviewREST(config.Authorization.Authorizer, true))
	put(review, "subjectaccessreviews", reviewREST(config.Authorization.Authorizer, false))
	put(schema.GroupVersion{Group: "authentication.k8s.io", Version: "v1"}, "selfsubjectreviews", whoAmIREST())

	if scalers := autoscalingv1.SchemeGroupVersion; s.serves(scalers) {
		kept := stores["horizontalpodautoscalers"]
		put(scalers, kept.kind.resource, kept)
		base := kept.UpdateStrategy.(strategy)
		base.isStatus = true
		put(scalers, kept.kind.resource+"/status", kept.with(base))
	}

	byGroup := map[string]*genericapiserver.APIGroupInfo{}
	for gv, storage := range groups {
		info := byGroup[gv.Group]
		if info == nil {
			made := genericapiserver.NewDefaultAPIGroupInfo(gv.Group, scheme, parameterCodec, codecs)
			made.PrioritizedVersions = nil
			info = &made
			byGroup[gv.Group] = info
		}
		info.VersionedResourcesStorageMap[gv.Version] = storage
		info.PrioritizedVersions = append(info.PrioritizedVersions, gv)
		sort.Slice(info.PrioritizedVersions, func(i, j int) bool { // v2 before v1
			return info.PrioritizedVersions[i].Version > info.PrioritizedVersions[j].Version
		})
	}
	if err := server.InstallLegacyAPIGroup(genericapiserver.DefaultLegacyAPIPrefix, byGroup[""]); err != nil {
		return err
	}
	delete(byGroup, "")
	var infos []*genericapiserver.APIGroupInfo
	for _, info := range byGroup {
		infos = append(infos, info)
	}
	return server.InstallAPIGroups(infos...)
}

// What other parts of a control plane do around the server: namespaces and roles that are always there, groups of custom
// resources in the list of all groups, and EndpointSlices, which the lab's older controllers know by an older name.
func (s *settings) begin(hook genericapiserver.PostStartHookContext, server *genericapiserver.GenericAPIServer, client kubernetes.Interface) error {
	for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
		if _, err := client.CoreV1().Namespaces().Create(hook, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); ignoreExists(err) != nil {
			return err
		}
	}
	authority, err := os.ReadFile(s.clientCA)
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(authority) {
		return fmt.Errorf("%s holds no certificate", s.clientCA)
	}
	_, err = client.CoreV1().ConfigMaps("kube-system").Create(hook, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "extension-apiserver-authentication"},
		Data: map[string]string{"client-ca-file": string(authority), "requestheader-client-ca-file": string(authority), "requestheader-allowed-names": `["nobody"]`,
			"requestheader-username-headers": `["X-Remote-User"]`, "requestheader-group-headers": `[]`, "requestheader-extra-headers-prefix": `[]`}}, metav1.CreateOptions{})
	if ignoreExists(err) != nil {
		return err
	}
	if err := bootstrapRoles(hook, client); err != nil {
		return err
	}
	definitions, err := crdclient.NewForConfig(server.LoopbackClientConfig)
	if err != nil {
		return err
	}
	go repeat(hook, 300*time.Millisecond, func() { s.nameGroups(hook, server, definitions) })
	if s.serves(discoveryv1.SchemeGroupVersion) {
		go repeat(hook, 300*time.Millisecond, func() { sliceEndpoints(hook, client) })
	}
	return nil
}

func repeat(ctx context.Context, pause time.Duration, work func()) {
	for {
		work()
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func (s *settings) nameGroups(ctx context.Context, server *genericapiserver.GenericAPIServer, client crdclient.Interface) {
	list, err := client.ApiextensionsV1().CustomResourceDefinitions().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return
	}
	groups := map[string]metav1.APIGroup{"apiextensions.k8s.io": {Name: "apiextensions.k8s.io",
		Versions: []metav1.GroupVersionForDiscovery{{GroupVersion: "apiextensions.k8s.io/v1", Version: "v1"}}}}
	for _, crd := range list.Items {
		established := false
		for _, condition := range crd.Status.Conditions {
			established = established || (condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue)
		}
		for _, v := range crd.Spec.Versions {
			gv := crd.Spec.Group + "/" + v.Name
			group := groups[crd.Spec.Group]
			seen := !v.Served || !established
			for _, known := range group.Versions {
				seen = seen || known.GroupVersion == gv
			}
			if !seen {
				group.Name, group.Versions = crd.Spec.Group, append(group.Versions, metav1.GroupVersionForDiscovery{GroupVersion: gv, Version: v.Name})
				groups[crd.Spec.Group] = group
			}
		}
	}
	for _, gone := range s.named() {
		if _, still := groups[gone]; !still {
			server.DiscoveryGroupManager.RemoveGroup(gone)
		}
	}
	lastNamed = nil
	for name, group := range groups {
		group.PreferredVersion = group.Versions[0]
		server.DiscoveryGroupManager.AddGroup(group)
		lastNamed = append(lastNamed, name)
	}
}

var lastNamed []string

func (s *settings) named() []string { return lastNamed }

func sliceEndpoints(ctx context.Context, client kubernetes.Interface) {
	all, err := client.CoreV1().Endpoints("").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return
	}
	kept, err := client.DiscoveryV1().EndpointSlices("").List(ctx, metav1.ListOptions{ResourceVersion: "0", LabelSelector: discoveryv1.LabelManagedBy + "=newest"})
	if err != nil {
		return
	}
	old := map[string]*discoveryv1.EndpointSlice{}
	for i := range kept.Items {
		old[kept.Items[i].Namespace+"/"+kept.Items[i].Name] = &kept.Items[i]
	}
	for i := range all.Items {
		e := &all.Items[i]
		want := sliceOf(e)
		key := want.Namespace + "/" + want.Name
		have := old[key]
		delete(old, key)
		if have == nil {
			_, _ = client.DiscoveryV1().EndpointSlices(e.Namespace).Create(ctx, want, metav1.CreateOptions{})
		} else if have.Annotations["from"] != e.ResourceVersion {
			want.ResourceVersion = have.ResourceVersion
			_, _ = client.DiscoveryV1().EndpointSlices(e.Namespace).Update(ctx, want, metav1.UpdateOptions{})
		}
	}
	for _, gone := range old {
		_ = client.DiscoveryV1().EndpointSlices(gone.Namespace).Delete(ctx, gone.Name, metav1.DeleteOptions{})
	}
}

func sliceOf(e *corev1.Endpoints) *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{AddressType: discoveryv1.AddressTypeIPv4, ObjectMeta: metav1.ObjectMeta{Name: path.Base(e.Name) + "-slice", Namespace: e.Namespace,
		Annotations: map[string]string{"from": e.ResourceVersion}, Labels: map[string]string{discoveryv1.LabelServiceName: e.Name, discoveryv1.LabelManagedBy: "newest"}}}
	add := func(addresses []corev1.EndpointAddress, ready bool) {
		for _, a := range addresses {
			is := ready
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{Addresses: []string{a.IP}, Conditions: discoveryv1.EndpointConditions{Ready: &is, Serving: &is}, TargetRef: a.TargetRef, NodeName: a.NodeName})
		}
	}
	for _, subset := range e.Subsets {
		add(subset.Addresses, true)
		add(subset.NotReadyAddresses, false)
		for i := range subset.Ports {
			p := subset.Ports[i]
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &p.Port, Protocol: &p.Protocol})
		}
	}
	return slice
}
