/** At boot, before the first request: parse the environment or refuse to start, migrate, print the set-up link, deliver mail. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') await (await import('./lib/boot')).boot();
}
