import type { Advice } from '../advice/advice.ts';
import { type Command, kubectl } from '../advice/command.ts';
import { ExitCode } from '../errors/exit-code.ts';
import { ToolError } from '../errors/tool-error.ts';
import { arrayAt, type Json, numberAt, parseJson, stringAt } from '../model/json/json.ts';

/** What was asked of the server when it said no. */
export interface ApiCall {
  /** As RBAC names it: get, list, create, update, patch, delete. */
  verb: string;
  /** The API group, "" for core. */
  group: string;
  /** The plural, with its subresource: "pods/portforward"; a path for calls that are not about a resource. */
  resource: string;
  namespace?: string;
  name?: string;
}

/** One of a Status' details.causes: "DisruptionBudget" for an eviction that a PDB blocks, which the message names. */
export interface ApiCause {
  reason: string;
  message: string;
}

/** What the server said (metav1.Status). */
export interface ApiRefusal {
  /** HTTP status. */
  status: number;
  /** metav1.StatusReason; "" where the answer named none. */
  reason: string;
  message: string;
  causes?: ApiCause[];
}

/**
 * The API server's refusal (a metav1.Status), worded as kubectl words it: "Error from server (Forbidden): …".
 */
export class ApiError extends ToolError {
  /** HTTP status. */
  readonly status: number;
  /** metav1.StatusReason: "NotFound", "Conflict", "Forbidden"; "" where the answer named none. */
  readonly reason: string;
  /** The server's own words. */
  readonly serverMessage: string;
  readonly causes: ApiCause[];
  readonly call: ApiCall;

  constructor({ status, reason, message, causes = [] }: ApiRefusal, call: ApiCall) {
    const next = adviceFor(reason, message, call);
    // Whoever is not let in has reached nothing.
    const exitCode = status === 401 ? ExitCode.unreachable : ExitCode.failed;
    super(wording(status, reason, message), next === undefined ? {} : { next }, exitCode);
    this.status = status;
    this.reason = reason;
    this.serverMessage = message;
    this.causes = causes;
    this.call = call;
  }

  /** Whether it is a permission that lacks, and not an admission plugin, webhook or policy that says no. */
  get lacksPermission(): boolean {
    return this.status === 403 && isAuthorization(this.serverMessage);
  }

  /** Reads the body of a reply whose status is not 2xx. */
  static fromReply(status: number, body: string, call: ApiCall): ApiError {
    const parsed = statusObject(body);
    const causes = arrayAt(parsed, 'details', 'causes').map((cause) => ({
      reason: stringAt(cause, 'reason') ?? '',
      message: stringAt(cause, 'message') ?? '',
    }));
    const reason = stringAt(parsed, 'reason') ?? REASONS[status] ?? '';
    const said = stringAt(parsed, 'message') || plainText(body) || `HTTP status ${status}`;
    const message = withReason(inBounds(said), call);
    return new ApiError({ status: numberAt(parsed, 'code') ?? status, reason, message, causes }, call);
  }
}

/** Reasons of answers that carry no Status object: written by a proxy in front, or by the kubelet. */
const REASONS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

/** kubectl's own wording (k8s.io/kubectl/pkg/cmd/util, StandardErrorMessage). */
function wording(status: number, reason: string, message: string): string {
  if (status === 401) return `You must be logged in to the server (${message})`;
  return reason === '' ? `Error from server: ${message}` : `Error from server (${reason}): ${message}`;
}

/**
 * The words of an authorizer (k8s.io/apiserver, responsewriters.ForbiddenMessage: "User … cannot get resource …", "cannot
 * get path …") and of RBAC's own check of what is granted. Whatever else answers 403 is admission.
 */
function isAuthorization(message: string): boolean {
  const cannot = /\bcannot \S+ (?:resource|path) "|attempting to grant RBAC permissions/;
  return cannot.test(message) && !/^admission webhook |\bdenied (?:the )?request\b/.test(message);
}

/**
 * RBAC gives no reason, and since 1.35 the API server asks it once more for `create` of pods/portforward, and passes that on as it is (pod "x"
 * is forbidden: nothing). Admission always says why.
 */
function withReason(message: string, { verb, resource }: ApiCall): string {
  return /\bis forbidden: ?$/.test(message)
    ? `${message.trimEnd()} cannot ${verb} resource "${resource}"`
    : message;
}

/** Where the rule stands that an admission plugin, webhook or policy refused a write by. */
function adviceForAdmission(message: string, scope: readonly string[]): Command | undefined {
  if (/exceeded quota|failed quota/.test(message)) return kubectl('describe', 'quota', ...scope);
  if (/violates PodSecurity/.test(message)) return kubectl('get', 'namespaces', '--show-labels');
  if (/being terminated/.test(message)) return kubectl('get', 'namespaces');
  if (/ValidatingAdmissionPolicy/.test(message)) return kubectl('get', 'validatingadmissionpolicies');
  if (/admission webhook/.test(message))
    return kubectl('get', 'validatingwebhookconfigurations,mutatingwebhookconfigurations');
  return undefined;
}

function adviceFor(reason: string, message: string, call: ApiCall): Advice | undefined {
  const resource = call.group === '' ? call.resource : fullResource(call);
  const scope = call.namespace === undefined ? [] : ['-n', call.namespace];
  switch (reason) {
    case 'Unauthorized':
      return kubectl('auth', 'whoami');
    case 'Forbidden':
      if (!isAuthorization(message)) return adviceForAdmission(message, scope);
      return kubectl('auth', 'can-i', call.verb, resource, ...scope);
    case 'Conflict':
      return 'run the same command again: the object changed meanwhile';
    case 'TooManyRequests':
    case 'ServiceUnavailable':
      return 'run the same command again in a minute';
    default:
      return undefined;
  }
}

/** "deployments.apps/scale" as `kubectl auth can-i` takes it: resource.group, then the subresource. */
function fullResource({ resource, group }: ApiCall): string {
  const [plural = '', subresource] = resource.split('/');
  return `${plural}.${group}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** Longer answers to what was refused are not taken for a Status: they might stand for millions of values. Characters. */
const LONGEST_STATUS = 2 ** 20;
/** Of the server's own words. Characters. */
const LONGEST_MESSAGE = 2 ** 14;

function statusObject(body: string): Json | undefined {
  if (body.length > LONGEST_STATUS) return undefined;
  try {
    const parsed = parseJson(body);
    return stringAt(parsed, 'kind') === 'Status' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** What a policy or a webhook has to say takes a page at most. It is cut between words: of half a password nobody knows that it is one. */
function inBounds(said: string): string {
  if (said.length <= LONGEST_MESSAGE) return said;
  const start = said.slice(0, LONGEST_MESSAGE);
  const blank = start.search(/\s\S*$/);
  return `${blank < 0 ? start : start.slice(0, blank)}…`;
}

/** The start of an answer that is not JSON; nothing of an HTML page. */
function plainText(body: string): string {
  return /^\s*</.test(body) ? '' : body.trim().slice(0, 300);
}
