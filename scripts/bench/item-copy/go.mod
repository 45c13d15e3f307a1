module memcached-backup.example/item-copy

go 1.24
