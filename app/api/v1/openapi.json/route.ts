import { openApi } from '@/lib/api/openapi';

export const dynamic = 'force-dynamic';

/** Public: it describes the API and contains no tenant data. */
export const GET = () => Response.json(openApi());
