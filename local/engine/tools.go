//go:build tools

// Package engine pins the Pulumi engine that the rehearsal builds when no installed one is new enough.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
