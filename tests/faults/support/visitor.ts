import { type HTMLElement, parse } from 'node-html-parser';

/** A browser without scripts: it keeps cookies, follows redirects, and fills in the forms of the page it sees. */
export type Page = { status: number; url: string; text: string; document: HTMLElement };

const REDIRECTS_MOST = 5;

export function visitor(origin: string, timeoutMs = 60_000) {
  const jar = new Map<string, string>();

  async function request(url: string, init: RequestInit = {}, followed = 0): Promise<Page> {
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...init.headers,
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        origin,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const body = await answer.text();
    const next = answer.headers.get('location');
    if (next && followed < REDIRECTS_MOST) return request(new URL(next, url).href, {}, followed + 1);
    const document = parse(body);
    const text = (document.querySelector('body') ?? document).structuredText.replace(/\s+/g, ' ').trim();
    return { status: answer.status, url: answer.url, text, document };
  }

  return {
    cookies: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    open: (path: string) => request(new URL(path, origin).href),

    /** Presses the button of this name, with what the form holds and what is given here. */
    press(page: Page, button: string, fields: Record<string, string> = {}): Promise<Page> {
      const pressed = page.document.querySelectorAll('button').find((each) => each.text.trim() === button);
      const form = pressed?.closest('form');
      if (!pressed || !form)
        throw new Error(`There is no button “${button}” on ${page.url}: ${page.text.slice(0, 300)}`);
      const data = new FormData();
      for (const input of form.querySelectorAll('input, select, textarea')) {
        const { name, value = '', type } = input.attributes;
        if (!name || ((type === 'checkbox' || type === 'radio') && !('checked' in input.attributes))) continue;
        const chosen = input.querySelector('option[selected]') ?? input.querySelector('option');
        data.append(name, chosen ? (chosen.getAttribute('value') ?? '') : value);
      }
      if (pressed.getAttribute('name'))
        data.append(String(pressed.getAttribute('name')), pressed.getAttribute('value') ?? '');
      for (const [name, value] of Object.entries(fields)) data.set(name, value);
      const action = new URL(form.getAttribute('action') || page.url, page.url);
      if (form.getAttribute('method')?.toLowerCase() !== 'get')
        return request(action.href, { method: 'POST', body: data });
      action.search = new URLSearchParams([...data].map(([name, value]) => [name, String(value)])).toString();
      return request(action.href);
    },

    async signIn(email: string, password: string): Promise<Page> {
      return this.press(await this.open('/sign-in'), 'Sign in', { email, password });
    },
  };
}
export type Visitor = ReturnType<typeof visitor>;
