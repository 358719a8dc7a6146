import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import type { Attribute } from '@throughline/query/api';
import { Link } from '@tanstack/react-router';
import { IconFilter, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { CopyButton } from '../../design/copy-button.tsx';
import { printCondition } from '../../search/condition-text.ts';
import classes from './attribute-table.module.css';
import { groupAttributes, pairText, valueText } from './attributes.ts';

/** Where a search for an attribute looks: in spans or resources, around this time (ISO), if given. */
export interface SearchScope {
  readonly scope: 'span' | 'resource';
  readonly period: { readonly start: string; readonly end: string } | undefined;
}

interface TableProps {
  readonly attributes: readonly Attribute[];
  readonly search?: SearchScope;
  /** Called with the condition `key = value`, as a search has it. */
  readonly onFilter?: (condition: string) => void;
}

/** Attributes in groups. With `search` each value links to the traces that have it, with `onFilter` it narrows a list. */
export function AttributeTable({ attributes, search, onFilter }: TableProps) {
  const groups = groupAttributes(attributes);
  return (
    <div className={classes.groups}>
      {groups.map((group) => (
        <div key={group.title}>
          {groups.length > 1 && <div className={classes.title}>{group.title}</div>}
          <dl className={classes.list}>
            {group.attributes.map((attribute, index) => (
              <AttributeRow key={index} attribute={attribute} search={search} onFilter={onFilter} />
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}

interface RowProps {
  readonly attribute: Attribute;
  readonly search: SearchScope | undefined;
  readonly onFilter: ((condition: string) => void) | undefined;
}

function AttributeRow({ attribute, search, onFilter }: RowProps) {
  const comparable = attribute.value !== null && typeof attribute.value !== 'object';
  return (
    <div className={classes.row}>
      <dt className={classes.key}>{attribute.key || '(empty key)'}</dt>
      <dd className={classes.value}>
        <Value attribute={attribute} /> <span className={classes.type}>{attribute.type}</span>
        <span className={classes.actions}>
          <CopyButton text={valueText(attribute)} label={`Copy the value of ${attribute.key}`} />
          <CopyButton text={pairText(attribute)} label={`Copy ${attribute.key}=value`} />
          {onFilter && comparable && (
            <Tooltip label="Only records with this value">
              <ActionIcon
                size={22}
                aria-label={`Only records with this ${attribute.key}`}
                onClick={() => onFilter(conditionOf(attribute))}
              >
                <IconFilter size={13} />
              </ActionIcon>
            </Tooltip>
          )}
          {search && comparable && (
            <Tooltip label="Search for traces with this value">
              <ActionIcon
                size={22}
                aria-label={`Search for traces with this ${attribute.key}`}
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/search"
                    search={{ where: [conditionOf(attribute, search.scope)], ...search.period }}
                  />
                )}
              >
                <IconSearch size={13} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </dd>
    </div>
  );
}

function conditionOf({ key, value }: Attribute, scope?: 'span' | 'resource'): string {
  return printCondition({ ...(scope && { scope }), key, op: '=', value: value as string | number | boolean });
}

/** Longer texts are cut until they are asked for. */
const longest = 700;

function Value({ attribute }: { attribute: Attribute }) {
  const [whole, setWhole] = useState(false);
  const text = valueText(attribute);
  if (text === '') return <span className={classes.empty}>empty</span>;
  if (text.length <= longest || whole) return <span className={classes.text}>{text}</span>;
  return (
    <span className={classes.text}>
      {text.slice(0, longest)}…{' '}
      <UnstyledButton className={classes.more} onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString('en')} characters
      </UnstyledButton>
    </span>
  );
}
