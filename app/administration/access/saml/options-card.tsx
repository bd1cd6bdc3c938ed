import { Field } from '@/components/form/field';
import { Form, Submit } from '@/components/form/form';
import { Shown } from '@/components/form/shown';
import { TickField } from '@/components/form/tick-field';
import { Card, CardHeader } from '@/components/ui/card';
import { type Connection, optionsOf } from '@/lib/saml/connection';
import { optionsAction } from './actions';

export function OptionsCard({ connection, isRequired }: { connection: Connection; isRequired: boolean }) {
  return (
    <Card>
      <CardHeader
        title="Options"
        description={
          isRequired
            ? 'SAML is required: a change is in force as soon as it is saved. Try it with a break-glass admin signed in.'
            : 'A change asks for a new test before SAML can be required.'
        }
      />
      <Form action={optionsAction}>
        <Shown values={optionsOf(connection)} />
        <TickField
          name="strict"
          label="Strict (recommended)"
          hint="The assertion must be signed too, not the response alone."
          defaultChecked={connection.strict}
        />
        <TickField
          name="jit"
          label="Just-in-time provisioning"
          hint="Whoever the provider signs in and nobody here knows becomes a Standard User. Otherwise people are invited, or made by SCIM."
          defaultChecked={connection.jit}
        />
        <TickField
          name="idpInitiated"
          label="Sign-in that begins at the provider"
          hint="For a tile on its page. Less safe, since nobody here has asked: people press a button before they are in."
          defaultChecked={connection.idpInitiated}
        />
        <TickField
          name="signRequests"
          label="Signed requests"
          hint="We sign our question by the key in our metadata. Needed only if your provider checks it."
          defaultChecked={connection.signRequests}
        />
        <details>
          <summary>Attribute names of your own</summary>
          <Field
            name="emailAttribute"
            label="E-mail attribute"
            defaultValue={connection.emailAttribute ?? ''}
            hint="Empty: under any of its usual names."
            spellCheck={false}
          />
          <Field
            name="firstNameAttribute"
            label="First name attribute"
            defaultValue={connection.firstNameAttribute ?? ''}
            spellCheck={false}
          />
          <Field
            name="lastNameAttribute"
            label="Last name attribute"
            defaultValue={connection.lastNameAttribute ?? ''}
            spellCheck={false}
          />
        </details>
        <div className="form-actions">
          <Submit>Save options</Submit>
        </div>
      </Form>
    </Card>
  );
}
