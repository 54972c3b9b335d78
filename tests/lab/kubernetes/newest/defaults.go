package main

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"strings"
)

// What kube-apiserver fills in, as far as controllers and clients lean on it. Source: the API reference of each field.

func set[T any](field **T, value T) {
	if *field == nil {
		*field = &value
	}
}

func either[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

func defaultPodSpec(s *corev1.PodSpec) {
	either(&s.RestartPolicy, corev1.RestartPolicyAlways)
	either(&s.DNSPolicy, corev1.DNSClusterFirst)
	either(&s.SchedulerName, corev1.DefaultSchedulerName)
	set(&s.TerminationGracePeriodSeconds, 30)
	set(&s.SecurityContext, corev1.PodSecurityContext{})
	either(&s.DeprecatedServiceAccount, s.ServiceAccountName)
	for _, list := range [][]corev1.Container{s.InitContainers, s.Containers} {
		for i := range list {
			defaultContainer(&list[i])
		}
	}
	for i := range s.Volumes {
		source := &s.Volumes[i].VolumeSource
		if source.Secret != nil {
			set(&source.Secret.DefaultMode, 0644)
		}
		if source.ConfigMap != nil {
			set(&source.ConfigMap.DefaultMode, 0644)
		}
	}
}

func defaultContainer(c *corev1.Container) {
	either(&c.TerminationMessagePath, "/dev/termination-log")
	either(&c.TerminationMessagePolicy, corev1.TerminationMessageReadFile)
	name := c.Image[strings.LastIndex(c.Image, "/")+1:]
	if strings.Contains(name, "@") || (strings.Contains(name, ":") && !strings.HasSuffix(name, ":latest")) {
		either(&c.ImagePullPolicy, corev1.PullIfNotPresent)
	} else {
		either(&c.ImagePullPolicy, corev1.PullAlways)
	}
	for i := range c.Ports {
		either(&c.Ports[i].Protocol, corev1.ProtocolTCP)
	}
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p == nil {
			continue
		}
		either(&p.TimeoutSeconds, 1)
		either(&p.PeriodSeconds, 10)
		either(&p.SuccessThreshold, 1)
		either(&p.FailureThreshold, 3)
		if p.HTTPGet != nil {
			either(&p.HTTPGet.Path, "/")
			either(&p.HTTPGet.Scheme, corev1.URISchemeHTTP)
		}
	}
}

func addDefaults() {
	quarter := intstr.FromString("25%")
	scheme.AddTypeDefaultingFunc(&corev1.Pod{}, func(o interface{}) {
		defaultPodSpec(&o.(*corev1.Pod).Spec)
		set(&o.(*corev1.Pod).Spec.EnableServiceLinks, true)
	})
	scheme.AddTypeDefaultingFunc(&corev1.Secret{}, func(o interface{}) { either(&o.(*corev1.Secret).Type, corev1.SecretTypeOpaque) })
	scheme.AddTypeDefaultingFunc(&corev1.Service{}, func(o interface{}) {
		s := &o.(*corev1.Service).Spec
		either(&s.Type, corev1.ServiceTypeClusterIP)
		either(&s.SessionAffinity, corev1.ServiceAffinityNone)
		for i := range s.Ports {
			either(&s.Ports[i].Protocol, corev1.ProtocolTCP)
			if s.Ports[i].TargetPort.StrVal == "" && s.Ports[i].TargetPort.IntVal == 0 {
				s.Ports[i].TargetPort = intstr.FromInt32(s.Ports[i].Port)
			}
		}
	})
	scheme.AddTypeDefaultingFunc(&appsv1.Deployment{}, func(o interface{}) {
		s := &o.(*appsv1.Deployment).Spec
		defaultPodSpec(&s.Template.Spec)
		set(&s.Replicas, 1)
		set(&s.RevisionHistoryLimit, 10)
		set(&s.ProgressDeadlineSeconds, 600)
		either(&s.Strategy.Type, appsv1.RollingUpdateDeploymentStrategyType)
		if s.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType {
			set(&s.Strategy.RollingUpdate, appsv1.RollingUpdateDeployment{})
			set(&s.Strategy.RollingUpdate.MaxSurge, quarter)
			set(&s.Strategy.RollingUpdate.MaxUnavailable, quarter)
		}
	})
	scheme.AddTypeDefaultingFunc(&appsv1.ReplicaSet{}, func(o interface{}) {
		s := &o.(*appsv1.ReplicaSet).Spec
		defaultPodSpec(&s.Template.Spec)
		set(&s.Replicas, 1)
	})
	scheme.AddTypeDefaultingFunc(&appsv1.StatefulSet{}, func(o interface{}) {
		s := &o.(*appsv1.StatefulSet).Spec
		defaultPodSpec(&s.Template.Spec)
		set(&s.Replicas, 1)
		set(&s.RevisionHistoryLimit, 10)
		either(&s.PodManagementPolicy, appsv1.OrderedReadyPodManagement)
		either(&s.UpdateStrategy.Type, appsv1.RollingUpdateStatefulSetStrategyType)
		if s.UpdateStrategy.Type == appsv1.RollingUpdateStatefulSetStrategyType {
			set(&s.UpdateStrategy.RollingUpdate, appsv1.RollingUpdateStatefulSetStrategy{})
			set(&s.UpdateStrategy.RollingUpdate.Partition, 0)
		}
	})
	scheme.AddTypeDefaultingFunc(&appsv1.DaemonSet{}, func(o interface{}) {
		s := &o.(*appsv1.DaemonSet).Spec
		defaultPodSpec(&s.Template.Spec)
		set(&s.RevisionHistoryLimit, 10)
		either(&s.UpdateStrategy.Type, appsv1.RollingUpdateDaemonSetStrategyType)
		if s.UpdateStrategy.Type == appsv1.RollingUpdateDaemonSetStrategyType {
			set(&s.UpdateStrategy.RollingUpdate, appsv1.RollingUpdateDaemonSet{})
			set(&s.UpdateStrategy.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
			set(&s.UpdateStrategy.RollingUpdate.MaxSurge, intstr.FromInt32(0))
		}
	})
	scheme.AddTypeDefaultingFunc(&batchv1.Job{}, func(o interface{}) {
		s := &o.(*batchv1.Job).Spec
		defaultPodSpec(&s.Template.Spec)
		set(&s.Completions, 1)
		set(&s.Parallelism, 1)
		set(&s.BackoffLimit, 6)
	})
	role := func(r *rbacv1.RoleRef, subjects []rbacv1.Subject) {
		either(&r.APIGroup, rbacv1.GroupName)
		for i := range subjects {
			if subjects[i].Kind != rbacv1.ServiceAccountKind {
				either(&subjects[i].APIGroup, rbacv1.GroupName)
			}
		}
	}
	scheme.AddTypeDefaultingFunc(&rbacv1.RoleBinding{}, func(o interface{}) { role(&o.(*rbacv1.RoleBinding).RoleRef, o.(*rbacv1.RoleBinding).Subjects) })
	scheme.AddTypeDefaultingFunc(&rbacv1.ClusterRoleBinding{}, func(o interface{}) {
		role(&o.(*rbacv1.ClusterRoleBinding).RoleRef, o.(*rbacv1.ClusterRoleBinding).Subjects)
	})
}
