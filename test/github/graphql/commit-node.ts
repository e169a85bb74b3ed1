import { type Commit, readCommit, type Signature } from '../history.ts'
import { nodeId } from '../ids.ts'
import type { Repository } from '../types.ts'
import { actorNode } from './actor-node.ts'
import { connection, type Node } from './connections.ts'
import type { View } from './view.ts'

export async function commitNode(view: View, repository: Repository, name: string): Promise<Node | null> {
  const commit = await readCommit(view.scene.objects(repository), name)
  return commit === null ? null : shownCommit(view, repository, commit)
}

function shownCommit(view: View, repository: Repository, commit: Commit): Node {
  const [headline = '', ...rest] = commit.message.split('\n')
  return {
    __typename: 'Commit',
    id: nodeId('C', repository.id, commit.oid),
    oid: commit.oid,
    abbreviatedOid: commit.oid.slice(0, 7),
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    authoredDate: commit.author.date,
    committedDate: commit.committer.date,
    author: signatureNode(commit.author),
    committer: signatureNode(commit.committer),
    tree: { __typename: 'Tree', id: nodeId('T', repository.id, commit.tree), oid: commit.tree },
    parents: (args: unknown) => connection(commit.parents, args, (oid) => commitNode(view, repository, oid)),
    repository: () => view.repository(repository),
  }
}

/** The account is known only by GitHub's own no-reply addresses, `5+ann@users.noreply...`. */
function signatureNode({ name, email, date }: Signature): Node {
  const [, login] = /^(?:\d+\+)?([^@]+)@users\.noreply\./.exec(email) ?? []
  return { __typename: 'GitActor', name, email, date, user: login === undefined ? null : actorNode(login) }
}
