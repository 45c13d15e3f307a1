import type { PermissionRule } from '../permissions/command-permissions.ts';

/** A Secret that runs take credentials from, and what they take of it. Its values are never read by this tool. */
export type CredentialsSecret =
  /** AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where it is there, AWS_SESSION_TOKEN. */
  | { use: 's3'; name: string }
  /** `key`, a private SSH key (ssh-privatekey as in kubernetes.io/ssh-auth, or identity as Flux has it), and known_hosts. */
  | { use: 'git-ssh'; name: string; key: 'ssh-privatekey' | 'identity' }
  /** username and password, as in kubernetes.io/basic-auth. */
  | { use: 'git-https'; name: string }
  /** sign-key: the private key that signs backups. */
  | { use: 'sign'; name: string }
  /** identity: the private key that opens sealed backups, for drills alone. */
  | { use: 'identity'; name: string };

/** The claim that a schedule's store lies on. */
export interface ScheduledClaim {
  name: string;
  /** How it is made where it is missing; absent where it is there and stays as it is. */
  create?: { storage: string; storageClass?: string };
}

/** The service account that runs are. */
export interface ScheduledAccount {
  name: string;
  /** Made and kept by the schedule; else somebody else's, which stays as it is. */
  isOurs: boolean;
  /** Of one that is ours: "eks.amazonaws.com/role-arn" and the like. */
  annotations: Readonly<Record<string, string>>;
}

/** The drills that a schedule holds, by a CronJob of their own. */
export interface ScheduledDrill {
  /** Five fields, in the time zone of the schedule. */
  cron: string;
  /** The namespace that backups are restored into. It outlives each drill, for runs may make none. */
  into: {
    name: string;
    /** It is to be made, with these labels; absent where it is there and stays as it is. */
    create?: { labels: Readonly<Record<string, string>> };
  };
  account: ScheduledAccount;
  /** The words of a drill's command line, "drill" first. */
  args: readonly string[];
  secrets: readonly CredentialsSecret[];
  activeDeadlineSeconds: number;
  ttlSeconds: number;
  /** What drills may do, in that namespace and hardly anywhere else. */
  rules: readonly PermissionRule[];
}

/** All that a schedule's objects are made of. */
export interface ScheduleSpec {
  /** The CronJob's, and most others'. At most {@link LONGEST_NAME} characters. */
  name: string;
  namespace: string;
  /** Five fields, or @daily and its like. */
  cron: string;
  /** Of the tz database: "Europe/Berlin". */
  timeZone: string;
  image: string;
  imagePullSecret?: string;
  account: ScheduledAccount;
  /** The words of a run's command line, "backup" first. */
  args: readonly string[];
  /** Beside what the Secrets give. */
  env: Readonly<Record<string, string>>;
  secrets: readonly CredentialsSecret[];
  /** A ConfigMap with ca.crt, whom alone runs trust to vouch for the store's server. */
  caConfigMap?: string;
  claim?: ScheduledClaim;
  /** After so many seconds a run is stopped. */
  activeDeadlineSeconds: number;
  /** Finished Jobs are removed after so many seconds, where the history limits have not done so before. */
  ttlSeconds: number;
  /** What runs may do. */
  rules: readonly PermissionRule[];
  /** Absent where it holds none. */
  drill?: ScheduledDrill;
}

const DRILL_SUFFIX = '-drill';

/** The CronJob of a schedule's drills, and most that it needs. */
export function drillName(schedule: string): string {
  return `${schedule}${DRILL_SUFFIX}`;
}

/**
 * Kubernetes adds 11 characters for each Job's name, which may have 63 (pkg/apis/batch/validation, validateCronJobCreate).
 */
export const LONGEST_NAME = 52;

/** The same of a schedule that holds drills. */
export const LONGEST_NAME_WITH_DRILLS = LONGEST_NAME - DRILL_SUFFIX.length;

/** The name of an install that nobody named. */
export const DEFAULT_NAME = 'memcached-backup';

/** The environment variable by which a run that pushes metrics knows of which schedule it is. */
export const SCHEDULE_VARIABLE = 'MEMCACHED_BACKUP_SCHEDULE';

/** The only container, of Jobs and pods too. */
export const CONTAINER = 'backup';

/** Where the kubelet reads a run's last words. */
export const TERMINATION_LOG = '/dev/termination-log';
