'use client';

import { useMemo } from 'react';
import { FormNotice } from '@/components/form/form';
import { type FormState, idle } from '@/components/form/form-state';
import { UNHEARD, useAnswer } from '@/components/form/use-answer';
import { Button, ButtonLink } from '@/components/ui/button';
import { Card, CardHeader, DefinitionList } from '@/components/ui/card';
import { Notice } from '@/components/ui/notice';
import { type MetadataState, metadataAction } from '../actions';

const START: MetadataState = { step: 'write', text: '' };

/** Three steps: paste or choose, review the verdict, save. Each step is the response to a POST, with or without scripts. */
export function MetadataForm({ back }: { back: string }) {
  const [state, submit] = useAnswer<MetadataState>(metadataAction, START, (data) => ({
    step: 'write',
    text: String(data.get('text') ?? ''),
    error: UNHEARD,
  }));
  const said = useMemo(() => saidOf(state), [state]);
  return (
    <form action={submit} className="form">
      <FormNotice state={said} />
      {state.step === 'write' ? <Write text={state.text} back={back} /> : <Review state={state} />}
    </form>
  );
}

function saidOf({ error, step }: MetadataState): FormState {
  if (error) return { status: 'refused', message: error };
  return step === 'review' ? { status: 'done', message: 'This can be used. Nothing is saved yet.' } : idle;
}

function Write({ text, back }: { text: string; back: string }) {
  return (
    <Card>
      <div className="field">
        <label htmlFor="metadata-file">Metadata file</label>
        <input
          className="input"
          id="metadata-file"
          type="file"
          name="file"
          accept=".xml,application/xml,text/xml,application/samlmetadata+xml"
        />
      </div>
      <div className="field">
        <label htmlFor="metadata-text">Or paste it</label>
        <textarea
          className="input"
          id="metadata-text"
          name="text"
          key={text}
          defaultValue={text}
          spellCheck={false}
          aria-describedby="metadata-hint"
        />
        <p className="hint" id="metadata-hint">
          XML that begins with EntityDescriptor. Okta, Entra ID and Google offer it for download.
        </p>
      </div>
      <div className="form-actions">
        <Button type="submit" name="intent" value="check" variant="primary">
          Check the metadata
        </Button>
        <ButtonLink href={back}>Cancel</ButtonLink>
      </div>
    </Card>
  );
}

function Review({ state }: { state: Extract<MetadataState, { step: 'review' }> }) {
  const { found, warnings } = state.verdict;
  return (
    <>
      <input type="hidden" name="text" value={state.text} />
      <Card>
        <CardHeader title="What it says" />
        {warnings.length > 0 && (
          <Notice tone="warn">
            <ul>
              {warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </Notice>
        )}
        <DefinitionList items={found} />
        <div className="form-actions">
          <Button type="submit" name="intent" value="save" variant="primary">
            Save
          </Button>
          <Button type="submit" name="intent" value="back">
            Back
          </Button>
        </div>
      </Card>
    </>
  );
}
