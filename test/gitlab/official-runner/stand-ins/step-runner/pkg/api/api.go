// Package api stands in for where GitLab's step runner listens.
package api

import "net"

// SocketAddr of a path.
func SocketAddr(path string) *net.UnixAddr { return &net.UnixAddr{Name: path, Net: "unix"} }

// DefaultSocketPath of the step runner.
func DefaultSocketPath() string { return "" }
