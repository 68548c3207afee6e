/** API groups of Kubernetes, AWS and widespread projects, by their place. */
const GROUPS: ReadonlySet<string> = new Set([
  ...['', '*', 'apps', 'autoscaling', 'batch', 'extensions', 'policy'],
  ...[
    ...['admissionregistration', 'apiextensions', 'apiregistration', 'authentication', 'authorization'],
    ...['certificates', 'coordination', 'discovery', 'events', 'flowcontrol.apiserver', 'gateway.networking'],
    ...['internal.apiserver', 'metrics', 'custom.metrics', 'external.metrics', 'networking', 'node'],
    ...['policy.networking', 'rbac.authorization', 'resource', 'scheduling', 'snapshot.storage', 'storage'],
    ...['storagemigration', 'autoscaling', 'dns', 'node.eks'],
  ].map((name) => `${name}.k8s.io`),
  ...['crd.k8s.amazonaws.com', 'vpcresources.k8s.aws', 'networking.k8s.aws', 'elbv2.k8s.aws', 'eks.amazonaws.com'],
  ...['karpenter.sh', 'karpenter.k8s.aws', 'cert-manager.io', 'acme.cert-manager.io', 'monitoring.coreos.com'],
  ...['argoproj.io', 'external-secrets.io', 'keda.sh', 'kyverno.io', 'networking.istio.io', 'security.istio.io'],
]);

/** Resources of Kubernetes itself. */
const RESOURCES: ReadonlySet<string> = new Set(
  `* apiservices bindings certificatesigningrequests clusterrolebindings clusterroles componentstatuses configmaps
  controllerrevisions cronjobs csidrivers csinodes csistoragecapacities customresourcedefinitions daemonsets deployments
  deviceclasses endpoints endpointslices events flowschemas horizontalpodautoscalers ingressclasses ingresses ipaddresses
  jobs leases limitranges localsubjectaccessreviews mutatingwebhookconfigurations namespaces networkpolicies nodes
  persistentvolumeclaims persistentvolumes poddisruptionbudgets pods podtemplates priorityclasses
  prioritylevelconfigurations replicasets replicationcontrollers resourceclaims resourceclaimtemplates resourcequotas
  resourceslices rolebindings roles runtimeclasses secrets selfsubjectaccessreviews selfsubjectreviews
  selfsubjectrulesreviews serviceaccounts servicecidrs services statefulsets storageclasses subjectaccessreviews
  tokenreviews validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations
  volumeattachments volumeattributesclasses`.split(/\s+/),
);

/** Whether a name that an API server gives is one of Kubernetes or of a widespread project, which no server has chosen. */
export function isWellKnownGroup(group: string): boolean {
  return GROUPS.has(group);
}

export function isWellKnownResource(resource: string): boolean {
  return RESOURCES.has(resource);
}

/** Whether a name is the plural of another one by the rules of English: that one was said already. */
export function isPluralOf(plural: string, singular: string): boolean {
  return [`${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')].includes(plural);
}
