/** The drills that it is to hold. */
export interface WantedDrills {
  /** --drill, in the time zone of the schedule. */
  cron: string;
  /** --drill-into; undefined: the namespace's name with "-drill". */
  into?: string;
  /** --drill-target, as it was given. */
  target?: string;
  /** --identity-secret: the name of a Secret. */
  identitySecret?: string;
}

/** What somebody wants a schedule to be, as the flags of `schedule install` and `schedule render` say it. */
export interface WantedSchedule {
  /** Every memcached release of the namespace, at each run, where empty. */
  releases: readonly string[];
  allNamespaces: boolean;
  /** --selector */
  labelSelector?: string;
  /** --name; undefined: memcached-backup, or another where the CronJob to replace has that. */
  name?: string;
  /** --cron */
  cron: string;
  /** --time-zone */
  timeZone: string;
  /** Flags of `backup` that each run gets, as words: "--keep-last", "5". */
  backupFlags: readonly string[];
  /** Public keys to seal to, as age takes them. */
  recipients: readonly string[];
  /** --image */
  image: string;
  imagePullSecret?: string;
  /** --s3-secret, --git-secret, --sign-secret: names of Secrets. */
  s3Secret?: string;
  gitSecret?: string;
  signSecret?: string;
  /** --ca-configmap */
  caConfigMap?: string;
  /** --service-account: somebody else's, used as it is. */
  serviceAccount?: string;
  /** --service-account-annotation */
  accountAnnotations: Readonly<Record<string, string>>;
  /** --storage: of a claim that is missing. */
  storage: string;
  storageClass?: string;
  /** --active-deadline, seconds. */
  activeDeadlineSeconds?: number;
  /** AWS_REGION, for a store in S3. */
  region?: string;
  /** --drill; absent: it holds none. */
  drill?: WantedDrills;
}
