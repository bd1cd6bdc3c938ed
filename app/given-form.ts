/** A script can call an action with any value; anything but a form counts as an empty form. */
export const givenForm = (data: unknown): FormData => (data instanceof FormData ? data : new FormData());

/** The posted form of a route, one value per field; null if the body is no form. */
export async function postedFields(request: Request): Promise<Record<string, string> | null> {
  const form = await request.formData().catch(() => null);
  return form && Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
}

export const noForm = () => new Response('This is no form.\n', { status: 415 });
