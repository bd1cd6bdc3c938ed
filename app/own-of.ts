/** What a name of the address stands for, and nothing that every object has. */
export const ownOf = <T>(all: Record<string, T>, name: unknown): T | undefined =>
  typeof name === 'string' && Object.hasOwn(all, name) ? all[name] : undefined;
