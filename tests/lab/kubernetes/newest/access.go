package main

import (
	"context"
	"strings"
	"sync"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
)

// Tokens of service accounts, kept in memory for as long as they hold.
type issued struct {
	sync.Mutex
	tokens map[string]token
}

type token struct {
	until time.Time
	holds func(context.Context) bool
	who   user.Info
}

func (i *issued) add(text string, until time.Time, holds func(context.Context) bool, who user.Info) {
	i.Lock()
	defer i.Unlock()
	i.tokens[text] = token{until, holds, who}
}

func (i *issued) AuthenticateToken(ctx context.Context, text string) (*authenticator.Response, bool, error) {
	i.Lock()
	known, ok := i.tokens[text]
	i.Unlock()
	if !ok || time.Now().After(known.until) || !known.holds(ctx) {
		return nil, false, nil
	}
	return &authenticator.Response{User: known.who}, true, nil
}

// Role-based access by the Roles and bindings that are there. Source of the rules: the RBAC page of Kubernetes' reference.
type rbac struct {
	roles           rbaclisters.RoleLister
	clusterRoles    rbaclisters.ClusterRoleLister
	bindings        rbaclisters.RoleBindingLister
	clusterBindings rbaclisters.ClusterRoleBindingLister
}

func (r *rbac) watch(factory informers.SharedInformerFactory) {
	all := factory.Rbac().V1()
	r.roles, r.clusterRoles = all.Roles().Lister(), all.ClusterRoles().Lister()
	r.bindings, r.clusterBindings = all.RoleBindings().Lister(), all.ClusterRoleBindings().Lister()
}

func has(list []string, word string) bool {
	for _, one := range list {
		if one == "*" || one == word {
			return true
		}
	}
	return false
}

func allows(rules []rbacv1.PolicyRule, a authorizer.Attributes) bool {
	for _, rule := range rules {
		if !has(rule.Verbs, a.GetVerb()) {
			continue
		}
		if !a.IsResourceRequest() {
			for _, path := range rule.NonResourceURLs {
				if path == a.GetPath() || (strings.HasSuffix(path, "*") && strings.HasPrefix(a.GetPath(), strings.TrimSuffix(path, "*"))) {
					return true
				}
			}
			continue
		}
		resource := a.GetResource()
		if a.GetSubresource() != "" {
			resource += "/" + a.GetSubresource()
		}
		named := len(rule.ResourceNames) == 0
		for _, name := range rule.ResourceNames {
			named = named || name == a.GetName()
		}
		if named && has(rule.APIGroups, a.GetAPIGroup()) && (has(rule.Resources, resource) || has(rule.Resources, "*/"+a.GetSubresource())) {
			return true
		}
	}
	return false
}

func concerns(subjects []rbacv1.Subject, namespace string, who user.Info) bool {
	for _, subject := range subjects {
		switch subject.Kind {
		case rbacv1.UserKind:
			if subject.Name == who.GetName() {
				return true
			}
		case rbacv1.GroupKind:
			for _, group := range who.GetGroups() {
				if group == subject.Name {
					return true
				}
			}
		case rbacv1.ServiceAccountKind:
			home := subject.Namespace
			if home == "" {
				home = namespace
			}
			if who.GetName() == "system:serviceaccount:"+home+":"+subject.Name {
				return true
			}
		}
	}
	return false
}

func (r *rbac) rulesOf(ref rbacv1.RoleRef, namespace string) []rbacv1.PolicyRule {
	if ref.Kind == "ClusterRole" {
		if role, err := r.clusterRoles.Get(ref.Name); err == nil {
			return role.Rules
		}
	} else if role, err := r.roles.Roles(namespace).Get(ref.Name); err == nil {
		return role.Rules
	}
	return nil
}

func (r *rbac) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	who := a.GetUser()
	if who == nil {
		return authorizer.DecisionNoOpinion, "", nil
	}
	for _, group := range who.GetGroups() {
		if group == user.SystemPrivilegedGroup || group == "system:serviceaccounts:kube-system" {
			return authorizer.DecisionAllow, "", nil
		}
	}
	if who.GetName() == user.KubeControllerManager {
		return authorizer.DecisionAllow, "", nil
	}
	if clusterBindings, err := r.clusterBindings.List(labels.Everything()); err == nil {
		for _, binding := range clusterBindings {
			if concerns(binding.Subjects, "", who) && allows(r.rulesOf(binding.RoleRef, ""), a) {
				return authorizer.DecisionAllow, "RBAC: allowed by ClusterRoleBinding " + binding.Name, nil
			}
		}
	}
	if a.GetNamespace() != "" {
		if bindings, err := r.bindings.RoleBindings(a.GetNamespace()).List(labels.Everything()); err == nil {
			for _, binding := range bindings {
				if concerns(binding.Subjects, binding.Namespace, who) && allows(r.rulesOf(binding.RoleRef, binding.Namespace), a) {
					return authorizer.DecisionAllow, "RBAC: allowed by RoleBinding " + binding.Namespace + "/" + binding.Name, nil
				}
			}
		}
	}
	return authorizer.DecisionNoOpinion, "", nil
}

// The roles that every cluster has, as far as the lab's users are bound to them.
func bootstrapRoles(ctx context.Context, client kubernetes.Interface) error {
	read, write := []string{"get", "list", "watch"}, []string{"create", "delete", "deletecollection", "patch", "update"}
	seen := []string{"pods", "pods/log", "pods/status", "services", "services/status", "endpoints", "events", "namespaces", "configmaps", "serviceaccounts",
		"replicationcontrollers", "persistentvolumeclaims", "resourcequotas", "limitranges"}
	rule := func(verbs []string, groups []string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: verbs, APIGroups: groups, Resources: resources}
	}
	rest := []string{"apps", "autoscaling", "batch", "networking.k8s.io", "policy", "discovery.k8s.io", "events.k8s.io"}
	roles := []rbacv1.ClusterRole{
		{ObjectMeta: metav1.ObjectMeta{Name: "cluster-admin"}, Rules: []rbacv1.PolicyRule{rule([]string{"*"}, []string{"*"}, "*"), {Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "system:discovery"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"},
			NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/readyz", "/openapi", "/openapi/*", "/version", "/version/"}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "system:basic-user"}, Rules: []rbacv1.PolicyRule{
			rule([]string{"create"}, []string{"authorization.k8s.io"}, "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
			rule([]string{"create"}, []string{"authentication.k8s.io"}, "selfsubjectreviews")}},
		{ObjectMeta: metav1.ObjectMeta{Name: "system:public-info-viewer"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"},
			NonResourceURLs: []string{"/healthz", "/livez", "/readyz", "/version", "/version/"}}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "system:aggregate-to-view", Labels: map[string]string{"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
			Rules: []rbacv1.PolicyRule{rule(read, []string{""}, seen...), rule(read, rest, "*")}},
		{ObjectMeta: metav1.ObjectMeta{Name: "system:aggregate-to-edit", Labels: map[string]string{"rbac.authorization.k8s.io/aggregate-to-edit": "true"}},
			Rules: []rbacv1.PolicyRule{rule(append(read, write...), []string{""}, "secrets"),
				rule(write, []string{""}, "pods", "services", "endpoints", "configmaps", "serviceaccounts", "events", "replicationcontrollers", "persistentvolumeclaims"),
				rule(write, []string{"apps", "autoscaling", "batch", "networking.k8s.io", "policy"}, "*"), rule(append(read, write...), []string{"coordination.k8s.io"}, "leases")}},
	}
	for name, labels := range map[string][]string{"view": {"view"}, "edit": {"edit", "view"}, "admin": {"edit", "view", "admin"}} {
		role := rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, AggregationRule: &rbacv1.AggregationRule{}}
		for _, label := range labels {
			role.AggregationRule.ClusterRoleSelectors = append(role.AggregationRule.ClusterRoleSelectors,
				metav1.LabelSelector{MatchLabels: map[string]string{"rbac.authorization.k8s.io/aggregate-to-" + label: "true"}})
		}
		roles = append(roles, role)
	}
	for i := range roles {
		if _, err := client.RbacV1().ClusterRoles().Create(ctx, &roles[i], metav1.CreateOptions{}); ignoreExists(err) != nil {
			return err
		}
	}
	for name, group := range map[string]string{"system:discovery": user.AllAuthenticated, "system:basic-user": user.AllAuthenticated,
		"system:public-info-viewer": user.AllUnauthenticated, "cluster-admin": user.SystemPrivilegedGroup} {
		binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group}}}
		if _, err := client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); ignoreExists(err) != nil {
			return err
		}
	}
	return nil
}
