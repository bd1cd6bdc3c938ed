import { Form, Submit } from '@/components/form/form';
import { Card, CardHeader } from '@/components/ui/card';
import { findHead } from '@/lib/audit/verify';
import { verifyAction } from './actions';

/** The chain's head to note down elsewhere, and a button that verifies all entries. */
export async function ChainCard({ tenantId }: { tenantId: string }) {
  const head = await findHead(tenantId);
  return (
    <Card>
      <CardHeader
        title="The chain"
        description={
          <>
            Each entry is sealed together with the one before it. Note the head down elsewhere from time to time: number{' '}
            {head.number}, <code>{head.hash}</code>
          </>
        }
      />
      <Form action={verifyAction}>
        <div>
          <Submit variant="secondary">Verify</Submit>
        </div>
      </Form>
    </Card>
  );
}
