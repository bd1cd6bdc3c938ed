import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { TIME_ZONE_COOKIE } from '@/app/reader';
import { TimeZoneCookie } from '@/components/time-zone';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Rollcall', template: '%s · Rollcall' },
  description: 'Who is in, and who may do what.',
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <TimeZoneCookie current={(await cookies()).get(TIME_ZONE_COOKIE)?.value ?? null} />
      </body>
    </html>
  );
}
