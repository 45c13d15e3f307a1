# The image of memcached-backup: the executable, what it needs to run, git and ssh for stores in Git, and certificates.
#
#   npm run image          both platforms as one OCI archive in dist/, without a Docker daemon
#   npm run build && mkdir -p dist/image/amd64 && cp dist/kubectl-memcached_backup dist/image/amd64/memcached-backup &&
#     docker build .       this platform, from the public base
#
# It runs as 65532 on a read-only root file system, with every capability dropped; HOME is to be a folder that can be written.

# A slim Debian, pinned by the digest of its list of platforms. Its glibc is the oldest that matters here.
ARG BASE=debian:bookworm-20250929-slim@sha256:7e490910eea2861b9664577a96b54ce68ea3e02ce7f51d89cb0103a6f9c386e0
# What the image is made from: the stage below, or an image that has all of it (npm run image makes one of Debian's packages).
ARG SYSTEM=system

FROM ${BASE} AS system
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git libatomic1 openssh-client \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
 && find / -xdev -perm /6000 -type f -exec chmod a-s {} + \
 # ssh, and commits that ssh signs, fail for a user without a name.
 && echo 'memcached-backup:x:65532:65532::/tmp:/bin/sh' >> /etc/passwd \
 && echo 'memcached-backup:x:65532:' >> /etc/group

FROM ${SYSTEM}
ARG TARGETARCH
COPY dist/image/${TARGETARCH}/memcached-backup /usr/local/bin/memcached-backup
ENV HOME=/tmp
# By number: the kubelet can't tell that a name is not root.
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/memcached-backup"]
