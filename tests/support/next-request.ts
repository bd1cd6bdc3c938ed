import { getURLFromRedirectError } from 'next/dist/client/components/redirect';
import { workAsyncStorage } from 'next/dist/server/app-render/work-async-storage.external';
import { workUnitAsyncStorage } from 'next/dist/server/app-render/work-unit-async-storage.external';
import { createRequestStoreForAPI } from 'next/dist/server/async-storage/request-store';
import { createWorkStore } from 'next/dist/server/async-storage/work-store';
import { NextRequest } from 'next/server';
import { inRequest } from '@/db/tenant-wall';

/** As next.config.js has it. */
process.env.__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS = 'true';

export const HERE = 'http://rollcall.test';

/** What an action or route has come to: a value, or one of the framework's own ways to end. */
export type Ending = { value: unknown } | { to: string } | { status: number };

const INTERRUPT = /^NEXT_HTTP_ERROR_FALLBACK;(\d{3})$/;

/** Calls an action or route handler in a request of the framework's own making, as its server would. Anything it throws is ours. */
export async function inNextRequest(
  page: string,
  request: NextRequest,
  answer: (request: NextRequest) => unknown,
): Promise<{ ending: Ending; cookies: string[] }> {
  const [afterwards, closing]: [Promise<unknown>[], (() => void)[]] = [[], []];
  let cookies: string[] = [];
  const work = createWorkStore({
    page,
    buildId: 'test',
    deploymentId: '',
    previouslyRevalidatedTags: [],
    isPrefetchRequest: false,
    renderOpts: {
      experimental: {},
      incrementalCache: {},
      waitUntil: (promise: Promise<unknown>) => afterwards.push(promise),
      onClose: (callback: () => void) => closing.push(callback),
      onAfterTaskError: (error: unknown) => console.error(error),
    },
  } as never);
  const unit = createRequestStoreForAPI(
    request,
    request.nextUrl,
    { tags: [], expirationsByCacheKind: new Map() } as never,
    (set) => {
      cookies = set;
    },
    { previewModeId: '', previewModeSigningKey: '', previewModeEncryptionKey: '' },
    undefined,
  );
  const ending = await workAsyncStorage.run(work, () =>
    workUnitAsyncStorage.run(unit, () => inRequest(async () => endingOf(async () => answer(request)))),
  );
  for (const close of closing) close();
  await Promise.all(afterwards);
  return { ending, cookies };
}

async function endingOf(answer: () => Promise<unknown>): Promise<Ending> {
  try {
    return { value: await answer() };
  } catch (error) {
    const to = getURLFromRedirectError(error as never);
    if (to !== null) return { to };
    const [, status] = INTERRUPT.exec(String((error as { digest?: string }).digest)) ?? [];
    if (status) return { status: Number(status) };
    throw error;
  }
}

type Sent = { method?: string; headers?: Record<string, string>; body?: BodyInit | null; cookie?: string | null };

export const requestTo = (path: string, { method = 'POST', headers = {}, body = null, cookie }: Sent = {}) =>
  new NextRequest(new URL(path, HERE), {
    method,
    headers: { 'x-forwarded-for': '192.0.2.7', host: 'rollcall.test', ...headers, ...(cookie ? { cookie } : {}) },
    ...(body === null ? {} : { body }),
  });
