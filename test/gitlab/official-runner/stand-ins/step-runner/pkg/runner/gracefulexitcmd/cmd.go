// Package gracefulexitcmd stands in for how GitLab's step runner starts programs.
package gracefulexitcmd

import (
	"context"
	"os/exec"
	"time"
)

// New makes a command.
func New(ctx context.Context, _ time.Duration, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, name, args...)
}
