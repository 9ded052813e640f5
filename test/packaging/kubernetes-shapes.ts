// What the resources of config/kubernetes may look like: the fields that the Kubernetes API (core/v1, apps/v1) and the
// Prometheus operator's API (monitoring.coreos.com/v1) document for what is used here. An API server drops or refuses others.
import type { Keys, Shape } from "./shape.ts";

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_KEY_VALUES: Keys = { "*": /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/ };
const QUANTITY = /^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi)?$/;
const PORT = /^([1-9]\d{0,4}|[a-z][-a-z0-9]{0,14})$/;
const DURATION = /^(\d+(ms|s|m|h|d))+$/;

const METADATA: Keys = {
  "name!": NAME,
  namespace: NAME,
  labels: LABEL_KEY_VALUES,
  annotations: { "*": "text" },
};

const SELECTOR: Keys = { matchLabels: LABEL_KEY_VALUES, matchExpressions: ["any"] };

const HTTP_PROBE: Keys = {
  "httpGet!": { path: /^\//, "port!": PORT, host: "text", scheme: /^HTTPS?$/ },
  initialDelaySeconds: "whole",
  periodSeconds: "whole",
  timeoutSeconds: "whole",
  failureThreshold: "whole",
  successThreshold: "whole",
};

const SECCOMP: Keys = { "type!": /^(RuntimeDefault|Unconfined|Localhost)$/ };

const CONTAINER: Keys = {
  "name!": NAME,
  "image!": "text",
  imagePullPolicy: /^(Always|IfNotPresent|Never)$/,
  command: ["text"],
  args: ["text"],
  env: [{ "name!": "text", value: "text", valueFrom: "any" }],
  ports: [
    { name: PORT, "containerPort!": "whole", hostPort: "whole", protocol: /^(TCP|UDP|SCTP)$/ },
  ],
  securityContext: {
    allowPrivilegeEscalation: "flag",
    capabilities: { add: [/^[A-Z_]+$/], drop: [/^[A-Z_]+$/] },
    privileged: "flag",
    readOnlyRootFilesystem: "flag",
    runAsGroup: "whole",
    runAsNonRoot: "flag",
    runAsUser: "whole",
    seccompProfile: SECCOMP,
  },
  startupProbe: HTTP_PROBE,
  readinessProbe: HTTP_PROBE,
  livenessProbe: HTTP_PROBE,
  resources: { limits: { "*": QUANTITY }, requests: { "*": QUANTITY } },
  volumeMounts: [{ "name!": NAME, "mountPath!": /^\//, readOnly: "flag", subPath: "text" }],
};

const POD: Keys = {
  automountServiceAccountToken: "flag",
  "containers!": [CONTAINER],
  dnsPolicy: /^(ClusterFirst|ClusterFirstWithHostNet|Default|None)$/,
  enableServiceLinks: "flag",
  hostNetwork: "flag",
  nodeSelector: LABEL_KEY_VALUES,
  priorityClassName: NAME,
  securityContext: {
    fsGroup: "whole",
    runAsGroup: "whole",
    runAsNonRoot: "flag",
    runAsUser: "whole",
    seccompProfile: SECCOMP,
  },
  serviceAccountName: NAME,
  terminationGracePeriodSeconds: "whole",
  tolerations: [{ key: "text", operator: /^(Exists|Equal)$/, value: "text", effect: "text" }],
  volumes: [{ "name!": NAME, configMap: { "name!": NAME, items: ["any"], optional: "flag" } }],
};

/** The shape of each kind of resource, by `apiVersion kind`. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  "v1 Namespace": { apiVersion: "text", kind: "text", "metadata!": METADATA },
  "v1 Service": {
    apiVersion: "text",
    kind: "text",
    "metadata!": METADATA,
    "spec!": {
      clusterIP: "text",
      "ports!": [{ name: PORT, "port!": "whole", targetPort: PORT, protocol: /^(TCP|UDP|SCTP)$/ }],
      publishNotReadyAddresses: "flag",
      selector: LABEL_KEY_VALUES,
      type: /^(ClusterIP|NodePort|LoadBalancer|ExternalName)$/,
    },
  },
  "apps/v1 DaemonSet": {
    apiVersion: "text",
    kind: "text",
    "metadata!": METADATA,
    "spec!": {
      minReadySeconds: "whole",
      "selector!": SELECTOR,
      "template!": { metadata: { labels: LABEL_KEY_VALUES, annotations: "any" }, "spec!": POD },
      updateStrategy: {
        type: /^(RollingUpdate|OnDelete)$/,
        rollingUpdate: { maxUnavailable: /^\d+%?$/, maxSurge: /^\d+%?$/ },
      },
    },
  },
  "monitoring.coreos.com/v1 ServiceMonitor": {
    apiVersion: "text",
    kind: "text",
    "metadata!": METADATA,
    "spec!": {
      "endpoints!": [
        {
          port: PORT,
          path: /^\//,
          interval: DURATION,
          scrapeTimeout: DURATION,
          honorLabels: "flag",
          relabelings: [{ sourceLabels: ["text"], targetLabel: "text", action: "text" }],
          metricRelabelings: ["any"],
        },
      ],
      jobLabel: "text",
      namespaceSelector: { any: "flag", matchNames: [NAME] },
      "selector!": SELECTOR,
    },
  },
  "monitoring.coreos.com/v1 PrometheusRule": {
    apiVersion: "text",
    kind: "text",
    "metadata!": METADATA,
    "spec!": {
      "groups!": [
        {
          "name!": "text",
          interval: DURATION,
          limit: "whole",
          "rules!": [
            {
              alert: "text",
              record: "text",
              "expr!": "text",
              for: DURATION,
              keep_firing_for: DURATION,
              labels: { "*": "text" },
              annotations: { "*": "text" },
            },
          ],
        },
      ],
    },
  },
};
