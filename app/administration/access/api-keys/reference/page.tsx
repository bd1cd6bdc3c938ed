import type { Metadata } from 'next';
import { CopyField } from '@/components/copy-field';
import { Card, CardHeader } from '@/components/ui/card';
import { PageHeader } from '@/components/ui/page-header';
import { openApi } from '@/lib/api/openapi';
import { requireSession } from '@/lib/auth/current-actor';
import { KEYS_PATH } from '../path';

export const metadata: Metadata = { title: 'API reference' };

/** A readable rendering of the OpenAPI document. */
export default async function ReferencePage() {
  await requireSession('tenant_admin');
  const { paths, servers, components } = openApi();
  const base = servers[0]?.url ?? '';
  return (
    <>
      <PageHeader
        title="API reference"
        description={
          <>
            For programs:{' '}
            <a className="link" href="/api/v1/openapi.json">
              openapi.json
            </a>
          </>
        }
        back={{ href: KEYS_PATH, label: 'API Keys' }}
      />
      <div className="stack reference">
        <Card>
          <CardHeader title="How to ask" />
          <CopyField label="Address" value={base} />
          <pre>{`curl -H "Authorization: Bearer rckey_…" ${base}/users?role=tenant_admin`}</pre>
          <p>
            Lists come a page at a time; <code>next</code> is the <code>cursor</code> of the next. Errors are Problem
            Details (RFC 9457): <code>code</code> is for programs, <code>detail</code> for people. A POST that carries
            an <code>Idempotency-Key</code> is done once, however often it is sent within a day.
          </p>
        </Card>
        {Object.entries(paths).flatMap(([path, methods]) =>
          Object.entries(methods).map(([method, it]) => (
            <OperationCard key={`${method} ${path}`} method={method.toUpperCase()} path={path} it={it} />
          )),
        )}
        <Card>
          <CardHeader title="Bodies" />
          {Object.entries(components.schemas).map(([name, schema]) => (
            <details key={name} id={name}>
              <summary>{name}</summary>
              <pre>{JSON.stringify(schema, null, 2)}</pre>
            </details>
          ))}
        </Card>
      </div>
    </>
  );
}

type Described = ReturnType<typeof openApi>['paths'][string][string];
type Props = { method: string; path: string; it: Described };

function OperationCard({ method, path, it }: Props) {
  return (
    <Card>
      <CardHeader title={`${method} ${path}`} description={it.summary} />
      {it.parameters.length > 0 && (
        <dl className="definitions">
          {it.parameters.map(({ name, description, schema }) => (
            <div key={name} className="contents">
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{[description, valuesOf(schema)].filter(Boolean).join(' ')}</dd>
            </div>
          ))}
        </dl>
      )}
      {it.requestBody && (
        <p>
          Body: <code>{it.requestBody.content['application/json'].schema.$ref.split('/').pop()}</code>
        </p>
      )}
      <details>
        <summary>Answers</summary>
        <dl className="definitions">
          {Object.entries(it.responses).map(([status, { description, content }]) => (
            <div key={status} className="contents">
              <dt>{status}</dt>
              <dd>
                {description} <code>{Object.values(content).map(({ schema }) => schema.$ref.split('/').pop())}</code>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </Card>
  );
}

function valuesOf(schema: Record<string, unknown>): string {
  const values = Array.isArray(schema.enum) ? `One of ${schema.enum.join(', ')}.` : '';
  return schema.default === undefined ? values : `${values} ${schema.default} unless said.`;
}
