'use client';

import Link from 'next/link';
import { Badge } from '@/components/ui/badge';
import { YesNo } from '@/components/ui/yes-no';
import type { UserRow } from './user-row';

/**
 * A client component for its size, not for state: what a server component renders is sent twice, as HTML and as data for
 * the client; this one's data is the rows' bare values.
 */
export function UserRows({ rows, path }: { rows: UserRow[]; path: string }) {
  return rows.map(([id, email, firstName, lastName, standing, mfa, saml, admin, login]) => (
    <tr key={id}>
      <td className="select-cell">
        <input type="checkbox" name="ids" value={id} aria-label={`Select ${email}`} />
      </td>
      <td>
        <Link className="row-link" href={`${path}/${id}`} prefetch={false} title={hint(email)}>
          {email}
        </Link>
      </td>
      <td data-label="First Name" title={hint(firstName)}>
        {firstName}
      </td>
      <td data-label="Last Name" title={hint(lastName)}>
        {lastName}
      </td>
      <td data-label="Is Active">{standing ? <Badge tone={standing[0]}>{standing[1]}</Badge> : <YesNo value />}</td>
      <td data-label="MFA Enabled">
        <YesNo value={mfa} />
      </td>
      <td data-label="SAML Enabled">
        <YesNo value={saml} />
      </td>
      <td data-label="Tenant Admin">
        <YesNo value={admin} />
      </td>
      <td data-label="Last Login">
        {login ? (
          <>
            <time dateTime={login[0]} title={login[1]}>
              {login[2]}
            </time>
            <small>{login[3]}</small>
          </>
        ) : (
          'Never'
        )}
      </td>
    </tr>
  ));
}

/** The whole text on hover, where the cell may cut it. */
const hint = (text: string) => (text.length > 20 ? text : undefined);
