import { TIERS, type Site, type Tier } from '../protocol';

export interface Counts {
  total: number;
  online: number;
  meeting: number;
}

/** A site, or the heading over those children of one site that share a tier. */
export interface TreeNode {
  key: string;
  site: Site | null;
  tier: Tier;
  children: TreeNode[];
  /** Every site of the branch, its own site included. */
  codes: string[];
  counts: Counts;
}

/**
 * The directory as a forest. The parent relation is data and may be wrong: a site whose parent is
 * unknown, or that is its own ancestor, becomes a root, so that no site is ever hidden.
 */
export function buildTree(sites: readonly Site[]): TreeNode[] {
  const known = new Map(sites.map((site) => [site.code, site]));
  const childrenOf = new Map<string | null, Site[]>();
  for (const site of sites) {
    const parent = hasRoot(site, known) ? site.parent || null : null;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), site]);
  }
  const node = (site: Site): TreeNode =>
    finish(
      { key: site.code, site, tier: site.tier },
      true,
      grouped(site.code, childrenOf.get(site.code) ?? [], node),
    );
  return (childrenOf.get(null) ?? []).map(node);
}

function hasRoot(site: Site, known: Map<string, Site>): boolean {
  const seen = new Set<string>();
  let at: Site | undefined = site;
  while (at?.parent) {
    if (seen.has(at.code)) {
      return false;
    }
    seen.add(at.code);
    at = known.get(at.parent);
  }
  return at !== undefined;
}

/** Children of one tier stand directly under their parent; of several tiers, under headings. */
function grouped(parent: string, sites: Site[], node: (site: Site) => TreeNode): TreeNode[] {
  const tiers = TIERS.filter((tier) => sites.some((site) => site.tier === tier));
  if (tiers.length < 2) {
    return sites.map(node);
  }
  return tiers.map((tier) =>
    finish(
      { key: `${parent}/${tier}`, site: null, tier },
      false,
      sites.filter((site) => site.tier === tier).map(node),
    ),
  );
}

function finish(
  { key, site, tier }: Pick<TreeNode, 'key' | 'site' | 'tier'>,
  countsItself: boolean,
  children: TreeNode[],
): TreeNode {
  const own = countsItself ? site : null;
  const counts: Counts = {
    total: own ? 1 : 0,
    online: own?.online ? 1 : 0,
    meeting: own?.meeting ? 1 : 0,
  };
  for (const child of children) {
    counts.total += child.counts.total;
    counts.online += child.counts.online;
    counts.meeting += child.counts.meeting;
  }
  const codes = [...(own ? [own.code] : []), ...children.flatMap((child) => child.codes)];
  return { key, site, tier, children, codes, counts };
}

/**
 * The part of the forest whose sites pass `keep`, with the ancestors needed to place them. Codes and
 * counts are those of the kept sites alone: choosing a branch chooses what is seen.
 */
export function filterTree(nodes: TreeNode[], keep: (site: Site) => boolean): TreeNode[] {
  return nodes.flatMap((node) => {
    const children = filterTree(node.children, keep);
    const own = node.site !== null && keep(node.site);
    return own || children.length > 0 ? [finish(node, own, children)] : [];
  });
}
