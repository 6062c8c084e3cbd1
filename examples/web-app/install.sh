#!/bin/bash
# Makes an instance of Amazon Linux 2023 one of which an image can be taken. Run it as root in this folder's copy.
set -euo pipefail
dnf install -y nodejs22 nodejs22-npm amazon-cloudwatch-agent
mkdir -p /opt/web-app
cp server.mjs package.json package-lock.json /opt/web-app/
npm ci --omit=dev --ignore-scripts --prefix /opt/web-app
# What RDS's certificates are signed by: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
curl -sSf -o /opt/web-app/rds-ca.pem https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
