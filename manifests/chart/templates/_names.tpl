{{- define "rayjob-webhook.selector" -}}
app.kubernetes.io/name: rayjob-webhook
app.kubernetes.io/component: webhook
{{- end }}

{{- define "rayjob-webhook.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- /* All settings: what the other templates rely on, a default that follows the certificates, and the values. */}}
{{- define "rayjob-webhook.settings" -}}
{{- $settings := dict
      "RAYJOB_WEBHOOK_PORT" "8443"
      "RAYJOB_WEBHOOK_METRICS_PORT" "9090"
      "RAYJOB_WEBHOOK_CERT_DIR" "/etc/rayjob-webhook/tls"
      "RAYJOB_WEBHOOK_POLICY" "/etc/rayjob-webhook/policy" -}}
{{- if eq .Values.certificates "self-managed" }}
{{- $_ := set $settings "RAYJOB_WEBHOOK_CERT_MANAGER" "false" }}
{{- end }}
{{- with .Values.mtls }}
{{- if .enabled }}
{{- $_ := set $settings "RAYJOB_WEBHOOK_CLIENT_CA" "/etc/rayjob-webhook/client-ca/ca.crt" }}
{{- with .names }}
{{- $_ := set $settings "RAYJOB_WEBHOOK_CLIENT_NAMES" (join "," .) }}
{{- end }}
{{- end }}
{{- end }}
{{- mergeOverwrite $settings .Values.settings | toYaml }}
{{- end }}

{{- /* The Pod of `certs ensure`, for the first run and for the later ones. */}}
{{- define "rayjob-webhook.certs" -}}
metadata:
  labels:
    app.kubernetes.io/name: rayjob-webhook
    app.kubernetes.io/component: certs
spec:
  serviceAccountName: rayjob-webhook-certs
  automountServiceAccountToken: true
  enableServiceLinks: false
  restartPolicy: OnFailure
  {{- with .Values.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: certs
      image: {{ include "rayjob-webhook.image" . }}
      args: [certs, ensure]
      resources:
        requests:
          cpu: 50m
          memory: 64Mi
        limits:
          memory: 128Mi
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
{{- end }}

{{- /* What all webhooks say alike; of the root context and the name of a profile, empty for the policy itself. */}}
{{- define "rayjob-webhook.scope" -}}
{{- $profile := index . 1 -}}
{{- with index . 0 -}}
admissionReviewVersions: [v1]
rules:
  - apiGroups: [ray.io]
    apiVersions: [v1]
    resources: [rayjobs]
    operations: [CREATE, UPDATE]
    scope: Namespaced
matchPolicy: Equivalent
sideEffects: None
timeoutSeconds: {{ .Values.webhooks.timeoutSeconds }}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ append .Values.webhooks.excludedNamespaces .Release.Namespace | uniq | toJson }}
    {{- if $profile }}
    - key: rayjob-webhook.ray.io/profile
      operator: In
      values: [{{ $profile }}]
    {{- else if .Values.webhooks.profiles }}
    - key: rayjob-webhook.ray.io/profile
      operator: NotIn
      values: {{ .Values.webhooks.profiles | toJson }}
    {{- end }}
matchConditions:
  - name: changes-more-than-finalizers
    expression: |-
      oldObject == null || !(
        (object.map(key, key) + oldObject.map(key, key)).all(key,
          key == 'metadata' ||
          (key in object && key in oldObject && object[key] == oldObject[key])) &&
        (object.metadata.map(key, key) + oldObject.metadata.map(key, key)).all(key,
          key in ['finalizers', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'resourceVersion', 'generation',
            'managedFields'] ||
          (key in object.metadata && key in oldObject.metadata &&
            object.metadata[key] == oldObject.metadata[key]))
      )
{{- end }}
{{- end }}
