const SECRET = /password|token|ticket|code|answer/i;

/** What was typed, returned to the form: everything except secrets and files. */
export function keptOf(data: FormData): { values: Record<string, string>; sent: Record<string, string[]> } {
  const names = [...new Set(data.keys())].filter((name) => !name.startsWith('$') && !SECRET.test(name));
  const sent = Object.fromEntries(
    names.map((name) => [name, data.getAll(name).filter((value) => typeof value === 'string')]),
  );
  const values = Object.fromEntries(
    Object.entries(sent).flatMap(([name, [value, ...more]]) =>
      value === undefined || more.length > 0 ? [] : [[name, value]],
    ),
  );
  return { values, sent };
}
