/**
 * At boot, before the first request: parses the environment or refuses to start, migrates, prints the set-up link, delivers
 * mail.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') await (await import('./lib/boot')).boot();
}
