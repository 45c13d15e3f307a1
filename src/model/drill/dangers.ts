import { arrayAt, isObject, type Json, objectAt, stringAt } from '../json/json.ts';
import { annotationsOf, displayName, groupOf, type KubeObject, refOf } from '../kubernetes/object.ts';
import { podTemplateOf } from '../kubernetes/workload.ts';

/** One thing of an object that may do harm beside the original, and why: `why` is the same for all of a kind. */
interface Danger {
  what: string;
  why: string;
}

/** Groups whose objects take requests for a host (Kubernetes' Ingress, the Gateway API, OpenShift, Traefik, Istio, Contour). */
const ROUTES =
  /^(?:networking\.k8s\.io\/Ingress|gateway\.networking\.k8s\.io\/\w+Route|route\.openshift\.io\/Route|traefik\.(?:io|containo\.us)\/IngressRoute\w*|networking\.istio\.io\/(?:VirtualService|Gateway)|projectcontour\.io\/HTTPProxy)$/;

/**
 * What a copy of objects in another namespace does beside the original without anybody refusing it: the API server takes each of
 * these. One sentence for each kind of harm, without a full stop. Pure.
 */
export function dangersBeside(objects: readonly KubeObject[]): string[] {
  const found = objects.flatMap(dangersOf);
  return [...Map.groupBy(found, ({ why }) => why)].map(
    ([why, dangers]) => `${[...new Set(dangers.map(({ what }) => what))].join(', ')}: ${why}`,
  );
}

function dangersOf(object: KubeObject): Danger[] {
  const ref = refOf(object);
  const name = displayName(ref);
  const kind = `${groupOf(ref.apiVersion)}/${ref.kind}`;
  return [
    ...ofService(object, name, kind),
    ...ofAnnotations(object, name),
    ...ofPods(object, name),
    ...ofKind(name, kind, object),
  ];
}

function ofService(object: KubeObject, name: string, kind: string): Danger[] {
  if (kind !== '/Service') return [];
  const spec = objectAt(object, 'spec');
  const address = stringAt(spec, 'loadBalancerIP') || undefined;
  const external = arrayAt(spec, 'externalIPs').map(String);
  const isBalancer = stringAt(spec, 'type') === 'LoadBalancer';
  return [
    ...(isBalancer
      ? [
          {
            what: address === undefined ? name : `${name} (loadBalancerIP ${address})`,
            why: "the cloud gives the copy a load balancer of its own, or the original's address",
          },
        ]
      : []),
    ...(external.length === 0
      ? []
      : [
          {
            what: `${name} (externalIPs ${external.join(', ')})`,
            why: 'the copy takes requests that are meant for the original',
          },
        ]),
  ];
}

/** What makes a controller act for a name or an address that only one can have. */
function ofAnnotations(object: KubeObject, name: string): Danger[] {
  return Object.entries(annotationsOf(object)).flatMap(([key, value]) => {
    if (/^external-dns\./.test(key)) {
      const host = /\/(?:hostname|internal-hostname)$/.test(key) ? ` (${value})` : '';
      return [{ what: `${name}${host}`, why: "external-dns points the original's name at the copy" }];
    }
    if (/^service\.beta\.kubernetes\.io\/|^metallb\.|^tailscale\.com\//.test(key)) {
      return [
        {
          what: `${name} (${key})`,
          why: 'a controller outside the namespace acts on that for the copy, too',
        },
      ];
    }
    return [];
  });
}

function ofPods(object: KubeObject, name: string): Danger[] {
  const spec = objectAt(podTemplateOf(object), 'spec');
  if (spec === undefined) return [];
  const ports = [...arrayAt(spec, 'initContainers'), ...arrayAt(spec, 'containers')]
    .flatMap((container) => arrayAt(container, 'ports'))
    .flatMap((port) => hostPortOf(port));
  const priority = stringAt(spec, 'priorityClassName') || undefined;
  return [
    ...(ports.length === 0
      ? []
      : [
          {
            what: `${name} (hostPort ${ports.join(', ')})`,
            why: 'on a node where the original runs the pods of the copy find the port taken, and stay Pending',
          },
        ]),
    ...(spec.hostNetwork === true
      ? [{ what: name, why: "the copy's pods are in the network of their node, as the original's are" }]
      : []),
    ...(priority === undefined
      ? []
      : [{ what: `${name} (${priority})`, why: 'its priority lets the copy push other pods off a node' }]),
  ];
}

function hostPortOf(port: Json): number[] {
  const found = isObject(port) ? port.hostPort : undefined;
  return typeof found === 'number' && found !== 0 ? [found] : [];
}

function ofKind(name: string, kind: string, object: KubeObject): Danger[] {
  if (ROUTES.test(kind)) {
    const hosts = [
      ...arrayAt(object, 'spec', 'rules').map((rule) => stringAt(rule, 'host')),
      ...arrayAt(object, 'spec', 'hostnames').map((host) => (typeof host === 'string' ? host : undefined)),
      stringAt(object, 'spec', 'host'),
    ].filter((host) => host !== undefined && host !== '');
    return [
      {
        what: hosts.length === 0 ? name : `${name} (${[...new Set(hosts)].join(', ')})`,
        why: "the copy answers for the original's host",
      },
    ];
  }
  if (/^monitoring\.coreos\.com\//.test(kind)) {
    return [{ what: name, why: 'Prometheus counts the copy in dashboards and alerts, too' }];
  }
  if (kind === 'policy/PodDisruptionBudget') {
    return [{ what: name, why: 'whoever drains a node waits for the copy, too' }];
  }
  if (kind === 'autoscaling/HorizontalPodAutoscaler') {
    return [{ what: name, why: 'the copy is scaled as well, and takes the room for it' }];
  }
  return kind === 'batch/CronJob' ? [{ what: name, why: 'it runs for the copy as well' }] : [];
}
