'use client';

import { useEffect, useId, useState } from 'react';

/** A value to take elsewhere. Without scripts it is a field to select and copy from. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const [copied, setCopied] = useState(false);
  const [scripted, setScripted] = useState(false);
  useEffect(() => setScripted(true), []);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="with-button">
        <input className="input" id={id} readOnly value={value} onFocus={(event) => event.target.select()} />
        {scripted && (
          <button type="button" className="button" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </button>
        )}
        <span role="status" className="sr-only">
          {copied ? `${label} copied` : ''}
        </span>
      </div>
    </div>
  );
}
