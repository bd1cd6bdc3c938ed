/** Looks up a name from the URL among own properties only, never inherited ones. */
export const ownOf = <T>(all: Record<string, T>, name: unknown): T | undefined =>
  typeof name === 'string' && Object.hasOwn(all, name) ? all[name] : undefined;
