import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '../../protocol';
import type { TreeNode } from '../../state/tree';
import { Icon } from '../icons';
import { StateMark } from '../StateMark';
import classes from './SitePicker.module.css';
import { SITE_MARKS, siteState } from './siteState';
import type { Selection } from './useSelection';

export interface BranchContext {
  selection: Selection;
  isOpen: (node: TreeNode) => boolean;
  toggle: (node: TreeNode) => void;
}

export function SiteBranch({ node, depth, at }: { node: TreeNode; depth: number; at: BranchContext }) {
  const isOpen = node.children.length > 0 && at.isOpen(node);
  const { site } = node;
  return (
    <li>
      <div className={classes.line} data-depth={Math.min(depth, 5)}>
        {node.children.length > 0 ? (
          <Chevron node={node} isOpen={isOpen} onToggle={at.toggle} />
        ) : (
          <span className={classes.noChevron} />
        )}
        {site ? (
          <SiteRow site={site} isSelected={at.selection.codes.has(site.code)} onSelect={at.selection.set} />
        ) : (
          <Heading node={node} />
        )}
        {node.children.length > 0 && <BranchTools node={node} selection={at.selection} />}
      </div>
      {isOpen && (
        <ul>
          {node.children.map((child) => (
            <SiteBranch key={child.key} node={child} depth={depth + 1} at={at} />
          ))}
        </ul>
      )}
    </li>
  );
}

function useNodeName(node: TreeNode): string {
  const { t } = useTranslation();
  return node.site?.name ?? t(`tier.${node.tier}`);
}

function Heading({ node }: { node: TreeNode }) {
  return <span className={classes.heading}>{useNodeName(node)}</span>;
}

interface ChevronProps {
  node: TreeNode;
  isOpen: boolean;
  onToggle: (node: TreeNode) => void;
}

function Chevron({ node, isOpen, onToggle }: ChevronProps) {
  const { t } = useTranslation();
  const name = useNodeName(node);
  return (
    <button
      type="button"
      className={classes.chevron}
      aria-expanded={isOpen}
      aria-label={t(isOpen ? 'home.collapse' : 'home.expand', { name })}
      onClick={() => onToggle(node)}
    >
      <Icon name="chevron" size={16} />
    </button>
  );
}

interface SiteRowProps {
  site: Site;
  isSelected: boolean;
  onSelect: Selection['set'];
}

const SiteRow = memo(function SiteRow({ site, isSelected, onSelect }: SiteRowProps) {
  const { t } = useTranslation();
  const state = siteState(site);
  return (
    <label className={classes.site} data-testid={`site-row-${site.code}`} data-state={state}>
      <input
        type="checkbox"
        checked={isSelected}
        onChange={(event) => onSelect([site.code], event.currentTarget.checked)}
      />
      <span className={classes.siteName}>{site.name}</span>
      <span className={classes.code}>{site.code}</span>
      <StateMark {...SITE_MARKS[state]} text={t(`site.${state}`)} />
    </label>
  );
});

function BranchTools({ node, selection }: { node: TreeNode; selection: Selection }) {
  const { t } = useTranslation();
  const name = useNodeName(node);
  const { online, total, meeting } = node.counts;
  const isAll = node.codes.every((code) => selection.codes.has(code));
  const action = isAll ? t('home.clearBranch') : t('home.selectBranch', { count: total });
  return (
    <span className={classes.tools}>
      <span className={classes.count}>
        {t('home.branchCount', { online, total })}
        {meeting > 0 && `, ${t('home.branchMeeting', { count: meeting })}`}
      </span>
      <button
        type="button"
        className={classes.branch}
        aria-label={t('home.branchOf', { name, action })}
        onClick={() => selection.set(node.codes, !isAll)}
      >
        {action}
      </button>
    </span>
  );
}
