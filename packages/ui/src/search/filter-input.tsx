import { Combobox, Loader, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useEffect, type RefObject } from 'react';
import { useAttributeKeys, useAttributeValues } from '../api/questions.ts';
import { formatRoughCount } from '../design/format-count.ts';
import { unfinished } from './condition-text.ts';
import classes from './filter-input.module.css';
import {
  suggestKeys,
  suggestOperators,
  suggestTyped,
  suggestValues,
  type Finish,
  type Suggestion,
} from './suggestions.ts';

interface Props {
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly service: string | undefined;
  readonly onFinish: (what: Finish, text: string) => void;
}

/** One field for conditions on attributes, completed from what is stored, and for free text. */
export function FilterInput({ inputRef, text, onText, service, onFinish }: Props) {
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { suggestions, loading } = useSuggestions(text, service, combobox.dropdownOpened);

  const first = suggestions[0]?.text;
  const { selectFirstOption, resetSelectedOption } = combobox;
  useEffect(() => {
    if (text.trim() === '') resetSelectedOption();
    else selectFirstOption();
  }, [first, text, selectFirstOption, resetSelectedOption]);

  const take = (suggestion: Suggestion) => {
    if (suggestion.finishes === undefined) {
      onText(suggestion.text);
      return;
    }
    onText('');
    combobox.closeDropdown();
    onFinish(suggestion.finishes, suggestion.text.trim());
  };
  return (
    <Combobox
      store={combobox}
      shadow="md"
      onOptionSubmit={(value) => {
        const suggestion = suggestions.find((each) => each.text === value);
        if (suggestion) take(suggestion);
      }}
    >
      <Combobox.Target>
        <TextInput
          ref={inputRef}
          className={classes.field ?? ''}
          aria-label="Filter by attribute or text"
          placeholder="Filter: an attribute and its value, or any text"
          value={text}
          spellCheck={false}
          autoComplete="off"
          leftSection={<IconFilter size={15} stroke={1.6} />}
          rightSection={loading ? <Loader size={12} /> : <span className={classes.key}>/</span>}
          onChange={(event) => {
            onText(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onFocus={() => combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options mah={360} style={{ overflowY: 'auto' }} aria-label="Suggestions">
          {suggestions.map((suggestion) => (
            <Combobox.Option key={suggestion.text} value={suggestion.text} className={classes.option ?? ''}>
              <span className={classes.label}>{suggestion.label}</span>
              {suggestion.hint && <span className={classes.hint}>{suggestion.hint}</span>}
              {suggestion.count !== undefined && (
                <span className={classes.count}>{formatRoughCount(suggestion.count)}</span>
              )}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function useSuggestions(text: string, service: string | undefined, active: boolean) {
  const part = unfinished(text);
  const [asked] = useDebouncedValue(part.prefix, 120);
  const keys = useAttributeKeys(
    { prefix: asked, service, scope: part.scope },
    active && part.stage === 'key',
  );
  const values = useAttributeValues(
    { prefix: asked, service, key: part.stage === 'value' ? part.key : '', scope: part.scope },
    active && part.stage === 'value',
  );
  if (part.stage === 'operator') return { suggestions: suggestOperators(part), loading: false };
  if (part.stage === 'value') {
    return { suggestions: suggestValues(part, values.data?.values ?? []), loading: values.isFetching };
  }
  return {
    suggestions: [...suggestTyped(text), ...suggestKeys(part, keys.data?.keys ?? [])],
    loading: keys.isFetching,
  };
}
