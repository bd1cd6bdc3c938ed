'use server';

import { redirect } from 'next/navigation';
import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { givenForm } from '@/app/given-form';
import { meant } from '@/app/meant';
import { confirmPath } from '@/app/own-path';
import { requireActor } from '@/lib/auth/current-actor';
import { done } from '@/lib/outcome';
import { changeOptions, findConnection, importMetadata } from '@/lib/saml/connection';
import { setDomains } from '@/lib/saml/domains';
import { setMapping } from '@/lib/saml/groups';
import { readMetadata, type Verdict } from '@/lib/saml/metadata';
import { deleteConnection, disable, enable, requireSaml, stopRequiring } from '@/lib/saml/mode';
import { METADATA_LIMITS } from '@/lib/saml/read-xml';
import { findTenant } from '@/lib/tenants/find';
import { REFUSALS } from '@/lib/users/refusals';
import { toDone } from '../done';
import { domainsInput, mappingInput, optionsInput, requireInput } from './input';
import { SAML_PATH } from './saml-path';

const nothing = z.object({});
const toPage = toDone(SAML_PATH);

export const enableAction = adminAction(nothing, enable, toPage);
export const disableAction = adminAction(nothing, disable, toPage);
export const deleteAction = adminAction(nothing, deleteConnection, toPage);
export const requireAction = adminAction(requireInput, requireSaml, toPage);
export const stopRequiringAction = adminAction(nothing, stopRequiring, toPage);
export const optionsAction = adminAction(
  optionsInput,
  (actor, { shown, ...options }) => changeOptions(actor, meant(options, shown)),
  toPage,
);
export const domainsAction = adminAction(
  domainsInput,
  (actor, { domains, shown }) => setDomains(actor, { domains, shown: namesOf(shown?.domains) }),
  toPage,
);
const namesOf = (shown: unknown) => z.array(z.string()).safeParse(shown).data;
export const mappingAction = adminAction(mappingInput, setMapping, toPage);

/** Changes nothing yet: leads to the page that shows the consequences. */
export const reviewMappingAction = adminAction(
  mappingInput,
  async (_, reviewed) => done(reviewed),
  ({ mapping, seen = '' }) =>
    `${SAML_PATH}/groups?${new URLSearchParams({ attribute: mapping?.groupAttribute ?? '', groups: mapping?.adminGroups.join('\n') ?? '', seen })}`,
);

export type MetadataState =
  | { step: 'write'; text: string; error?: string }
  | { step: 'review'; text: string; verdict: Verdict & { metadata: object }; error?: string };

/** Shows a verdict before anything is saved. The form carries the text between the steps, and each step parses it again. */
export async function metadataAction(_state: MetadataState, form: FormData): Promise<MetadataState> {
  const actor = await requireActor('tenant_admin');
  const data = givenForm(form);
  const file = data.get('file');
  const isFile = file instanceof File && file.size > 0;
  const text = isFile ? await file.slice(0, METADATA_LIMITS.bytes + 1).text() : String(data.get('text') ?? '');
  if (data.get('intent') === 'back') return { step: 'write', text };
  if (text.trim() === '') return { step: 'write', text, error: 'Paste the metadata or choose its file.' };
  const { metadata, ...verdict } = readMetadata(text, new Date());
  if (!metadata) {
    const error = ['This cannot be used.', ...verdict.problems].join(' ');
    return { step: 'write', text: text.slice(0, 100_000), error };
  }
  const seen = { ...verdict, metadata };
  if (data.get('intent') !== 'save') {
    const warnings = [...verdict.warnings, ...(await warningsOf(actor.tenantId, seen))];
    return { step: 'review', text, verdict: { ...seen, warnings } };
  }
  const outcome = await importMetadata(actor, { metadata: text });
  if (!outcome.ok && outcome.refusal === 'proof-needed') redirect(confirmPath(`${SAML_PATH}/metadata`, true));
  if (!outcome.ok) return { step: 'review', text, verdict: seen, error: REFUSALS[outcome.refusal] };
  redirect(toPage(outcome.value));
}

/** What the new metadata would change for the existing connection. */
async function warningsOf(tenantId: string, { metadata }: Verdict): Promise<string[]> {
  const [connection, { saml }] = await Promise.all([findConnection(tenantId), findTenant(tenantId)]);
  if (!metadata || !connection) return [];
  const isReplaced = connection.idpEntityId !== metadata.idpEntityId;
  return [
    ...(isReplaced
      ? [
          `This is another provider than ${connection.idpEntityId}: the sessions that it opened end, and people are connected anew at their next sign-in.`,
        ]
      : []),
    ...(saml === 'required' ? ['SAML is required here: it is in force as soon as it is saved, untested.'] : []),
  ];
}
