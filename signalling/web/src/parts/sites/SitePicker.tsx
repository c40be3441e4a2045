import { Button, CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '../../protocol';
import { matches } from '../../state/search';
import { buildTree, filterTree, type TreeNode } from '../../state/tree';
import { Icon } from '../icons';
import { useShortcuts } from '../shortcuts';
import { SiteBranch, type BranchContext } from './SiteBranch';
import classes from './SitePicker.module.css';
import type { Selection } from './useSelection';

type Show = 'all' | 'online' | 'offline' | 'selected';

export interface SitePickerProps {
  sites: readonly Site[];
  selection: Selection;
}

/** The directory as a tree to choose sites from, with search, filter and live state. */
export function SitePicker({ sites, selection }: SitePickerProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const [show, setShow] = useState<Show>('all');
  const search = useRef<HTMLInputElement>(null);
  useShortcuts({ '/': () => search.current?.focus() });

  const tree = useMemo(() => buildTree(sites), [sites]);
  const visible = useVisible(tree, useDeferredValue(query), show, selection.codes);
  const folding = useFolding(tree, query.trim() !== '' || show !== 'all');
  const online = useMemo(() => sites.filter((site) => site.online && !site.meeting), [sites]);

  return (
    <div className={classes.picker}>
      <div className={classes.bar}>
        <TextInput
          ref={search}
          className={classes.search}
          aria-label={t('home.search')}
          placeholder={t('home.searchHint')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setQuery('')}
          leftSection={<Icon name="search" />}
          rightSection={
            query && <CloseButton aria-label={t('home.clearSearch')} onClick={() => setQuery('')} />
          }
          data-testid="search"
          type="text"
          autoComplete="off"
          spellCheck={false}
        />
        <SegmentedControl
          fullWidth
          aria-label={t('home.show')}
          value={show}
          onChange={(value) => setShow(value as Show)}
          data={[
            { value: 'all', label: t('home.showAll') },
            { value: 'online', label: t('home.showOnline') },
            { value: 'offline', label: t('home.showOffline') },
            { value: 'selected', label: t('home.showSelected') },
          ]}
        />
      </div>
      <div className={classes.bar}>
        <Button
          variant="light"
          leftSection={<Icon name="online" />}
          disabled={online.length === 0}
          onClick={() => selection.set(online.map((site) => site.code), true)}
          data-testid="select-online"
        >
          {t('home.selectOnline')} ({online.length})
        </Button>
        <Button
          variant="subtle"
          size="compact-sm"
          disabled={selection.codes.size === 0}
          onClick={selection.clear}
          data-testid="select-none"
        >
          {t('home.selectNone')}
        </Button>
        <span className={classes.space} />
        <Button variant="subtle" size="compact-sm" onClick={() => folding.setAll(true)}>
          {t('home.expandAll')}
        </Button>
        <Button variant="subtle" size="compact-sm" onClick={() => folding.setAll(false)}>
          {t('home.collapseAll')}
        </Button>
      </div>
      <SiteTree nodes={visible} isEmpty={sites.length === 0} at={{ selection, ...folding }} />
    </div>
  );
}

function SiteTree({ nodes, isEmpty, at }: { nodes: TreeNode[]; isEmpty: boolean; at: BranchContext }) {
  const { t } = useTranslation();
  return (
    <div className={classes.tree} data-testid="site-tree">
      {nodes.length === 0 ? (
        <p className={classes.nothing} role="status">
          {isEmpty ? t('home.noSites') : t('home.nothingFound')}
        </p>
      ) : (
        <ul>
          {nodes.map((node) => (
            <SiteBranch key={node.key} node={node} depth={0} at={at} />
          ))}
        </ul>
      )}
    </div>
  );
}

function useVisible(
  tree: TreeNode[],
  query: string,
  show: Show,
  selected: ReadonlySet<string>,
): TreeNode[] {
  return useMemo(() => {
    if (query.trim() === '' && show === 'all') {
      return tree;
    }
    const isShown: Record<Show, (site: Site) => boolean> = {
      all: () => true,
      online: (site) => site.online,
      offline: (site) => !site.online,
      selected: (site) => selected.has(site.code),
    };
    return filterTree(
      tree,
      (site) => isShown[show](site) && matches(query, `${site.name} ${site.code}`),
    );
  }, [tree, query, show, selected]);
}

type Folding = Pick<BranchContext, 'isOpen' | 'toggle'> & { setAll: (open: boolean) => void };

/**
 * Which branches are open: the upper tiers at first, everything while a search narrows the tree. "All open" holds for
 * branches that come later, too.
 */
function useFolding(tree: TreeNode[], isNarrowed: boolean): Folding {
  const [all, setEvery] = useState<boolean | null>(null);
  const [choices, setChoices] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpenAtFirst = (node: TreeNode): boolean =>
    all === null ? node.tier !== 'district' || node.site === null : all || tree.includes(node);
  const isOpen = (node: TreeNode): boolean =>
    isNarrowed || (choices.get(node.key) ?? isOpenAtFirst(node));
  const setAll = (open: boolean): void => {
    setEvery(open);
    setChoices(new Map());
  };
  const toggle = (node: TreeNode): void => {
    setChoices((old) => new Map(old).set(node.key, !isOpen(node)));
  };
  return { isOpen, toggle, setAll };
}
