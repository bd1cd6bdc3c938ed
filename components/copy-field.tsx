'use client';

import { useEffect, useId, useRef, useState } from 'react';

/** A value to copy. Without scripts it is a field to select and copy from. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  const [scripted, setScripted] = useState(false);
  useEffect(() => setScripted(true), []);
  const copy = async () => {
    setCopied(null);
    // Only pages from https, or from this machine, have a clipboard.
    const isCopied = await Promise.resolve(navigator.clipboard?.writeText(value).then(() => true)).catch(() => false);
    if (!isCopied) field.current?.select();
    setCopied(isCopied === true);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="with-button">
        <input
          ref={field}
          className="input"
          id={id}
          readOnly
          value={value}
          onFocus={(event) => event.target.select()}
        />
        {scripted && (
          <button type="button" className="button" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
            <span className="sr-only"> {label}</span>
          </button>
        )}
        <span role="status" className="sr-only">
          {copied ? `${label} copied` : ''}
        </span>
      </div>
      {copied === false && (
        <p role="alert" className="hint">
          The browser did not let it be copied. It is selected: copy it from the field.
        </p>
      )}
    </div>
  );
}
