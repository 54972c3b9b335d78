"""Series of the metric families that a console knows, as their exporters write them (names, labels, types).

Not measured: counters grow at a set rate from the first look on. Each family has an application of its own,
"serve-FAMILY" in the namespace "models", whose pods are named after the slot; the second slot has half the load.

Sources: istio.io "Istio Standard Metrics"; linkerd.io "Proxy Metrics"; kubernetes.github.io/ingress-nginx
"Monitoring"; Triton server docs "Metrics"; tensorflow/serving monitoring; pytorch/serve docs "Metrics"; vLLM docs
"Production Metrics"; KServe "Prometheus metrics" and Knative "revision metrics"; NVIDIA dcgm-exporter
default-counters.csv.
"""
import time

BEGAN = time.monotonic()


def series(family, slot, version):
    """(name, kind, labels, rate or value) of one family; a histogram's rate is that of its observations."""
    app, ns = f"serve-{family}", "models"
    pod = f"{app}-{slot}-5d9c8b7f64-{'abcde' if slot == 'blue' else 'vwxyz'}"
    own = {"app": app, "namespace": ns, "pod": pod}
    model = {**own, "model_name": "speech"}
    if family == "istio":
        to = {**own, "reporter": "destination", "destination_app": app, "destination_workload": f"{app}-{slot}",
              "destination_workload_namespace": ns, "destination_version": version}
        yield "istio_requests_total", "counter", {**to, "response_code": "200"}, 9
        yield "istio_requests_total", "counter", {**to, "response_code": "503"}, 1
        yield "istio_request_duration_milliseconds", "histogram", to, 10
    elif family == "linkerd":
        to = {**own, "direction": "inbound", "deployment": f"{app}-{slot}"}
        yield "response_total", "counter", {**to, "classification": "success"}, 9
        yield "response_total", "counter", {**to, "classification": "failure"}, 1
        yield "response_latency_ms", "histogram", to, 10
    elif family == "ingress_nginx":
        to = {"app": "ingress-nginx", "namespace": "ingress-nginx", "pod": "ingress-nginx-controller-0",
              "exported_namespace": ns, "ingress": "front", "exported_service": f"{app}-{slot}"}
        yield "nginx_ingress_controller_requests", "counter", {**to, "status": "200"}, 9
        yield "nginx_ingress_controller_requests", "counter", {**to, "status": "502"}, 1
        yield "nginx_ingress_controller_request_duration_seconds", "histogram", to, 10
    elif family == "triton":
        to = {**own, "model": "speech", "version": "1"}
        yield "nv_inference_request_success", "counter", to, 9
        yield "nv_inference_request_failure", "counter", to, 1
        yield "nv_inference_request_duration_us", "counter", to, 90000
        yield "nv_inference_queue_duration_us", "counter", to, 9000
        yield "nv_gpu_utilization", "gauge", {**own, "gpu_uuid": "GPU-1"}, 0.5
        yield "nv_gpu_memory_used_bytes", "gauge", {**own, "gpu_uuid": "GPU-1"}, 2**30
    elif family == "tensorflow_serving":
        yield ":tensorflow:serving:request_count", "counter", {**model, "status": "OK"}, 9
        yield ":tensorflow:serving:request_count", "counter", {**model, "status": "INVALID_ARGUMENT"}, 1
        yield ":tensorflow:serving:request_latency", "histogram", {**model, "API": "predict"}, 10
    elif family == "torchserve":
        to = {**model, "model_version": "default", "hostname": pod}
        yield "ts_inference_requests_total", "counter", to, 10
        yield "ts_inference_latency_microseconds", "counter", to, 90000
        yield "ts_queue_latency_microseconds", "counter", to, 9000
    elif family == "vllm":
        yield "vllm:num_requests_running", "gauge", model, 10
        yield "vllm:num_requests_waiting", "gauge", model, 2
        yield "vllm:time_to_first_token_seconds", "histogram", model, 10
        yield "vllm:e2e_request_latency_seconds", "histogram", model, 10
        yield "vllm:generation_tokens_total", "counter", model, 500
        yield "vllm:gpu_cache_usage_perc", "gauge", model, 0.25
    elif family == "kserve":
        yield "request_predict_seconds", "histogram", model, 10
        yield "request_preprocess_seconds", "histogram", model, 10
    elif family == "kserve_revision":
        to = {"app": app, "namespace_name": ns, "pod_name": pod, "service_name": app,
              "revision_name": f"{app}-00001", "namespace": ns}
        yield "revision_app_request_count", "counter", {**to, "response_code_class": "2xx"}, 9
        yield "revision_app_request_count", "counter", {**to, "response_code_class": "5xx"}, 1
        yield "revision_app_request_latencies", "histogram", to, 10
    elif family == "process":
        yield "process_cpu_seconds_total", "counter", own, 10
        yield "process_resident_memory_bytes", "gauge", own, 2**30
        yield "process_open_fds", "gauge", own, 64
    elif family == "container":
        # cAdvisor's labels have no application, only the pod; the pod's own sum has no container.
        for container in ("web", ""):
            to = {"namespace": ns, "pod": pod, "container": container}
            yield "container_cpu_usage_seconds_total", "counter", to, 10
            yield "container_memory_working_set_bytes", "gauge", to, 2**30
    elif family == "dcgm":
        to = {"app": "dcgm-exporter", "namespace": "gpu-operator", "pod": "dcgm-exporter-x7k2p", "gpu": "0",
              "exported_namespace": ns, "exported_pod": pod}
        yield "DCGM_FI_DEV_GPU_UTIL", "gauge", to, 10
        yield "DCGM_FI_DEV_FB_USED", "gauge", to, 1024
        yield "DCGM_FI_DEV_GPU_TEMP", "gauge", to, 60
        yield "DCGM_FI_DEV_POWER_USAGE", "gauge", to, 120


FAMILIES = ("istio", "linkerd", "ingress_nginx", "triton", "tensorflow_serving", "torchserve", "vllm", "kserve",
            "kserve_revision", "dcgm", "process", "container")
BUCKETS = ("1", "5", "10", "50", "+Inf")  # of every histogram; observations are spread over them evenly


def line(name, labels, value):
    written = ",".join(k + '="' + v + '"' for k, v in labels.items())
    return f"{name}{{{written}}} {value}"


def text(slot, version):
    load = 1.0 if slot == "blue" else 0.5
    passed = time.monotonic() - BEGAN
    out, told = [], set()
    for family in FAMILIES:
        for name, kind, labels, amount in series(family, slot, version):
            if name not in told:
                out.append(f"# TYPE {name} {kind}")
                told.add(name)
            if kind == "gauge":
                out.append(line(name, labels, amount * load))
            elif kind == "counter":
                out.append(line(name, labels, amount * load * passed))
            else:
                count = amount * load * passed
                for i, bound in enumerate(BUCKETS):
                    out.append(line(name + "_bucket", {**labels, "le": bound}, count * (i + 1) / len(BUCKETS)))
                out.append(line(name + "_sum", labels, count * 10))
                out.append(line(name + "_count", labels, count))
    return "\n".join(out) + "\n"
