/** A script can call an action with anything; what is no form is a form in which nothing was filled in. */
export const givenForm = (data: unknown): FormData => (data instanceof FormData ? data : new FormData());

/** What was posted to a route, each field once; null where it is no form. */
export async function postedFields(request: Request): Promise<Record<string, string> | null> {
  const form = await request.formData().catch(() => null);
  return form && Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
}

export const noForm = () => new Response('This is no form.\n', { status: 415 });
