/**
 * The path of a group at a Pushgateway (github.com/prometheus/pushgateway, README, "URL"): `/metrics/job/J/namespace/N…`. What is
 * pushed to a group replaces what that group had, so each release has its own. A value that is no plain word goes in base64,
 * as the Pushgateway has it for those with a slash, and for empty ones.
 * @param labels the grouping key beside `job`, in this order.
 */
export function pushPath(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries({ job: 'memcached-backup', ...labels }).map(([name, value]) =>
    /^[\w.-]+$/.test(value) && !/^\.+$/.test(value)
      ? `${name}/${value}`
      : `${name}@base64/${Buffer.from(value).toString('base64url') || '='}`,
  );
  return `/metrics/${parts.join('/')}`;
}
