import { Anchor, Stack, Tabs, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Status } from '@throughline/query/api';
import { Fragment, useEffect } from 'react';
import { CopyButton } from '../design/copy-button.tsx';
import classes from './first-trace.module.css';
import { otlpEndpoint, reachable } from './listening.ts';
import { snippets } from './snippets.ts';

/** What a server without any span shows: how to send one. */
export function FirstTrace({ status }: { status: Status }) {
  const endpoint = otlpEndpoint(status.listening, window.location.hostname);
  useEffect(() => {
    document.title = 'Waiting for a trace · Throughline';
  }, []);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Title order={1} size={20}>
          Send the first trace
        </Title>
        <Text component="output" className={classes.waiting ?? ''}>
          <span className={classes.pulse} aria-hidden />
          Waiting for a span. This page goes on by itself when one arrives.
        </Text>
        <Text c="dimmed">
          Or{' '}
          <Anchor underline="always" renderRoot={(props) => <Link {...props} to="/import" />}>
            open a file of traces
          </Anchor>
          : drop it anywhere on this page.
        </Text>
      </header>
      {endpoint ? (
        <Tabs defaultValue="Node" keepMounted={false}>
          <Tabs.List aria-label="Language">
            {snippets(endpoint).map(({ name }) => (
              <Tabs.Tab key={name} value={name}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {snippets(endpoint).map(({ name, steps }) => (
            <Tabs.Panel key={name} value={name} pt="lg">
              <Stack gap="lg">
                {steps.map(({ title, code }) => (
                  <section key={title}>
                    <Text fw={500} mb={6}>
                      {title}
                    </Text>
                    <div className={classes.code}>
                      {/* Long lines scroll: the box must be reachable with the keyboard. */}
                      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
                      <pre tabIndex={0} aria-label={title}>
                        {code}
                      </pre>
                      <CopyButton text={code} label={`Copy: ${title}`} />
                    </div>
                  </section>
                ))}
              </Stack>
            </Tabs.Panel>
          ))}
        </Tabs>
      ) : (
        <Text>This server has no OTLP receiver over HTTP: its configuration leaves it out.</Text>
      )}
      <section>
        <Title order={2} size={14} mb={6}>
          Where this server listens
        </Title>
        <dl className={classes.addresses}>
          {status.listening.map(({ what, url }) => (
            <Fragment key={`${what} ${url}`}>
              <dt>{what}</dt>
              <dd>
                {reachable(url, window.location.hostname)}
                <CopyButton
                  text={reachable(url, window.location.hostname)}
                  label={`Copy the address of ${what}`}
                />
              </dd>
            </Fragment>
          ))}
        </dl>
      </section>
    </div>
  );
}
