// Reads a cache as an application does that keeps it filled: what it misses, it stores. Prints a line of JSON a tick and one at
// the end. Requests start on time whatever became of those before (an open loop), so that a stall is not hidden.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

type counts struct {
	Hits, Misses, Retried, Errors atomic.Int64
}

// One tick: what came of the requests that ended in it.
type tick struct {
	Seconds float64 `json:"seconds"`
	Hits    int64   `json:"hits"`
	Misses  int64   `json:"misses"`
	Retried int64   `json:"retried"`
	Errors  int64   `json:"errors"`
	Error   string  `json:"error,omitempty"`
}

func main() {
	server := flag.String("server", "", "HOST:PORT")
	rate := flag.Int("rate", 500, "requests a second")
	keys := flag.Int("keys", 2000, "how many keys")
	size := flag.Int("size", 100, "bytes of a value")
	clients := flag.Int("clients", 24, "clients, each with a connection of its own, as processes of an application have")
	every := flag.Duration("tick", 500*time.Millisecond, "between two lines")
	fresh := flag.Duration("reconnect", 0, "how often a client makes its connection anew; 0: never")
	flag.Parse()

	var now, all counts
	var last atomic.Value
	last.Store("")
	value := make([]byte, *size)
	queues := make([]chan string, *clients)
	var wait sync.WaitGroup
	for i := range queues {
		queues[i] = make(chan string, 10000)
		client := memcache.New(*server)
		client.Timeout = time.Second
		client.MaxIdleConns = 1
		if login := os.Getenv("CACHE_LOAD_LOGIN"); login != "" {
			client.DialContext = introducing(login)
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			began := time.Now()
			for key := range queues[i] {
				if *fresh > 0 && time.Since(began) > *fresh {
					client.Close()
					began = time.Now()
				}
				read(client, key, value, &now, &all, &last)
			}
		}()
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	began := time.Now()
	pace := time.NewTicker(time.Second / time.Duration(*rate))
	ticks := time.NewTicker(*every)
	random := rand.New(rand.NewSource(1))
	out := json.NewEncoder(os.Stdout)
	next := 0
	for running := true; running; {
		select {
		case <-pace.C:
			queues[next%*clients] <- fmt.Sprintf("load-%d", random.Intn(*keys))
			next++
		case <-ticks.C:
			why, _ := last.Swap("").(string)
			out.Encode(tick{
				Seconds: time.Since(began).Seconds(),
				Hits:    now.Hits.Swap(0), Misses: now.Misses.Swap(0),
				Retried: now.Retried.Swap(0), Errors: now.Errors.Swap(0), Error: why,
			})
		case <-stop:
			running = false
		}
	}
	for _, queue := range queues {
		close(queue)
	}
	wait.Wait()
	out.Encode(map[string]any{
		"seconds": time.Since(began).Seconds(), "total": true,
		"hits": all.Hits.Load(), "misses": all.Misses.Load(),
		"retried": all.Retried.Load(), "errors": all.Errors.Load(),
	})
}

// Connects, and says who it is, as a server that was started with -Y wants it (memcached/doc/protocol.txt, "Authentication").
func introducing(login string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		connection.SetDeadline(time.Now().Add(time.Second))
		fmt.Fprintf(connection, "set auth 0 0 %d\r\n%s\r\n", len(login), login)
		answer := make([]byte, len("STORED\r\n"))
		if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "STORED\r\n" {
			connection.Close()
			return nil, fmt.Errorf("not let in: %q %w", answer, err)
		}
		connection.SetDeadline(time.Time{})
		return connection, nil
	}
}

// A connection of which the server is gone is found out by the request that uses it: it is asked again, a few times, as clients do.
func read(client *memcache.Client, key string, value []byte, now, all *counts, last *atomic.Value) {
	var err error
	for try := range 6 {
		if try > 0 {
			now.Retried.Add(1)
			all.Retried.Add(1)
			time.Sleep(time.Duration(try*50) * time.Millisecond)
		}
		if _, err = client.Get(key); err == nil {
			now.Hits.Add(1)
			all.Hits.Add(1)
			return
		}
		if errors.Is(err, memcache.ErrCacheMiss) {
			now.Misses.Add(1)
			all.Misses.Add(1)
			// The cache is filled again; that fails as reads do, and the next reader does it.
			_ = client.Set(&memcache.Item{Key: key, Value: value})
			return
		}
	}
	now.Errors.Add(1)
	all.Errors.Add(1)
	last.Store(err.Error())
}
