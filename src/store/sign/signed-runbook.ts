import { NAMESPACE } from './signatures.ts';

/** What RUNBOOK.md of a signed backup says at its end. */
export const SIGNED_RUNBOOK = `
## Who signed this backup

backup.json is signed, and names every file with its digest. ALLOWED_SIGNERS is a file that you keep elsewhere, with a line for each
signer whom you trust (\`WHO ssh-ed25519 AAAA…\`; \`man ssh-keygen\`, ALLOWED SIGNERS):

\`\`\`sh
WHO=$(ssh-keygen -Y find-principals -f ALLOWED_SIGNERS -s backup.json.sig | head -n 1)
ssh-keygen -Y verify -f ALLOWED_SIGNERS -I "$WHO" -n ${NAMESPACE} -s backup.json.sig < backup.json
\`\`\`
`;
