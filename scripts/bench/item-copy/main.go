// Copies the items of one memcached into another: lru_crawler metadump, mg, ms in the mode "add", a thousand at a time, each step on a
// connection of its own. What `warm --from` is measured against: the same protocol in a loop, without looking at what fits, without proof.
// The source has two addresses: `kubectl port-forward` leads all connections of one through one pipe, where keys that wait to be taken would block
// the items that they wait for.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
)

const batch = 1000

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: item-copy SOURCE SOURCE-AGAIN TARGET"))
	}
	keys := make(chan []string, 4)
	stores := make(chan []byte, 4)
	done := make(chan int)
	list, fetch, store := dial(os.Args[1]), dial(os.Args[2]), dial(os.Args[3])
	go listKeys(list, keys)
	go fetchItems(fetch, keys, stores)
	go storeItems(store, stores, done)
	fmt.Println(<-done)
}

func dial(address string) net.Conn {
	connection, err := net.Dial("tcp", address)
	fail(err)
	return connection
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func listKeys(connection net.Conn, keys chan<- []string) {
	fmt.Fprint(connection, "lru_crawler metadump hash\r\n")
	lines := bufio.NewReaderSize(connection, 1<<18)
	found := make([]string, 0, batch)
	for {
		line, err := lines.ReadString('\n')
		fail(err)
		if strings.HasPrefix(line, "END") {
			keys <- found
			close(keys)
			return
		}
		key, err := url.PathUnescape(strings.TrimPrefix(line[:strings.IndexByte(line, ' ')], "key="))
		fail(err)
		if found = append(found, key); len(found) == batch {
			keys <- found
			found = make([]string, 0, batch)
		}
	}
}

func fetchItems(connection net.Conn, keys <-chan []string, stores chan<- []byte) {
	answers := bufio.NewReaderSize(connection, 1<<18)
	for names := range keys {
		var request bytes.Buffer
		for _, name := range names {
			fmt.Fprintf(&request, "mg %s k f t u q v\r\n", name)
		}
		request.WriteString("mn\r\n")
		_, err := connection.Write(request.Bytes())
		fail(err)
		var store bytes.Buffer
		for {
			line, err := answers.ReadString('\n')
			fail(err)
			if line == "MN\r\n" {
				break
			}
			words := strings.Fields(line)
			if words[0] != "VA" {
				fail(fmt.Errorf("unexpected: %s", line))
			}
			size, err := strconv.Atoi(words[1])
			fail(err)
			value := make([]byte, size+2)
			_, err = io.ReadFull(answers, value)
			fail(err)
			ttl := words[4][1:]
			if ttl == "-1" {
				ttl = "0"
			}
			fmt.Fprintf(&store, "ms %s %d F%s T%s ME q\r\n", words[2][1:], size, words[3][1:], ttl)
			store.Write(value)
		}
		store.WriteString("mn\r\n")
		stores <- store.Bytes()
	}
	close(stores)
}

func storeItems(connection net.Conn, stores <-chan []byte, done chan<- int) {
	answers := bufio.NewReader(connection)
	batches := 0
	for store := range stores {
		_, err := connection.Write(store)
		fail(err)
		for {
			line, err := answers.ReadString('\n')
			fail(err)
			if line == "MN\r\n" {
				break
			}
		}
		batches++
	}
	done <- batches
}
